import { Pool, errors, type Dispatcher } from "undici";
import { decoded, isReadableEncoding, OFFERED_ENCODINGS } from "../../lib/content-encoding.ts";
import type { Said } from "../../lib/freshness.ts";
import type { TransportSettings } from "./config.ts";
import { timedOut, tooLarge, unavailable } from "../errors/failures.ts";

export interface SubgraphHttpOptions extends Pick<TransportSettings, "responseLimitBytes" | "maxConcurrent"> {
  name: string;
  url: string;
}

/** What a subgraph sent, and how long that may be kept. */
export interface HttpAnswer extends Said {
  statusCode: number;
  text: string;
}

/** Posts JSON text to one address over pooled connections; answers may be compressed. */
export interface SubgraphHttp {
  /**
   * The whole answer, waiting for a connection included.
   *
   * @throws CodedError SUBGRAPH_TIMEOUT or SUBGRAPH_UNAVAILABLE when there is none in time
   */
  post(body: string, headers: readonly string[], timeoutMs: number): Promise<HttpAnswer>;
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 3_000;

export function createSubgraphHttp(options: SubgraphHttpOptions): SubgraphHttp {
  const { name, responseLimitBytes } = options;
  const { origin, pathname, search } = new URL(options.url);
  const path = pathname + search;
  const pool = new Pool(origin, {
    connections: options.maxConcurrent,
    // One timer per call covers all of its phases; these would not notice an answer that drips.
    headersTimeout: 0,
    bodyTimeout: 0,
    connectTimeout: CONNECT_TIMEOUT_MS,
    maxResponseSize: responseLimitBytes,
  });
  const explain = (error: unknown) => {
    if (error instanceof errors.ResponseExceededMaxSizeError) return tooLarge(name, responseLimitBytes);
    return error instanceof UnreadableEncoding
      ? unavailable(name, error.message, error)
      : unavailable(name, "cannot be reached", error);
  };
  return {
    post: (body, headers, timeoutMs) =>
      new Promise((resolve, reject) => {
        const collector = new Collector(
          { resolve, reject: (error) => reject(explain(error)) },
          responseLimitBytes,
        );
        collector.timer = setTimeout(() => {
          reject(timedOut(name));
          collector.abandon();
        }, timeoutMs);
        const all = [...headers, "accept-encoding", OFFERED_ENCODINGS];
        pool.dispatch({ method: "POST", path, headers: all, body }, collector);
      }),
    close: () => pool.close(),
  };
}

/** Why the encoding of an answer keeps it from being read; the message goes on after the name of the subgraph. */
class UnreadableEncoding extends Error {}

interface Outcome {
  resolve: (answer: HttpAnswer) => void;
  reject: (error: unknown) => void;
}

/** The leanest way that undici has to hand over an answer: no stream, no header object. */
class Collector implements Dispatcher.DispatchHandler {
  timer: NodeJS.Timeout | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #isAbandoned = false;
  #statusCode = 0;
  #encoding: string | undefined;
  #said: Said = NOTHING_SAID;
  readonly #chunks: Buffer[] = [];
  readonly #outcome: Outcome;
  readonly #limitBytes: number;

  constructor(outcome: Outcome, limitBytes: number) {
    this.#outcome = outcome;
    this.#limitBytes = limitBytes;
  }

  /** Nobody waits for the answer any more: its connection is given up, or never used if it has not begun. */
  abandon(): void {
    this.#isAbandoned = true;
    this.#controller?.abort(new Error("nobody waits for the answer any more"));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#isAbandoned) this.abandon();
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    statusCode: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    this.#statusCode = statusCode;
    this.#encoding = textOf(headers["content-encoding"]);
    if (headers["cache-control"] !== undefined)
      this.#said = { cacheControl: textOf(headers["cache-control"]), age: textOf(headers["age"]) };
    if (this.#encoding !== undefined && !isReadableEncoding(this.#encoding))
      controller.abort(new UnreadableEncoding(unknownEncoding(this.#encoding)));
    // undici counts what arrives; what is announced need not be waited for.
    if (Number(headers["content-length"]) > this.#limitBytes)
      controller.abort(new errors.ResponseExceededMaxSizeError());
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const [first] = this.#chunks;
    const whole = first && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks);
    if (this.#encoding === undefined) return this.#finish(whole);
    decoded(whole, this.#encoding, this.#limitBytes).then(
      (plain) => this.#finish(plain),
      (error: unknown) => this.#fail(asFailure(error)),
    );
    return undefined;
  }

  #finish(body: Buffer): void {
    clearTimeout(this.timer);
    this.#outcome.resolve({ statusCode: this.#statusCode, text: body.toString(), ...this.#said });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail(error);
  }

  #fail(error: Error): void {
    clearTimeout(this.timer);
    this.#outcome.reject(error);
  }
}

const NOTHING_SAID: Said = { cacheControl: undefined, age: undefined };

const textOf = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value.join(", ") : value;

const unknownEncoding = (encoding: string) =>
  `answered in the content encoding ${JSON.stringify(encoding.slice(0, 80))}, which was not offered; expected one of ${OFFERED_ENCODINGS}`;

const asFailure = (error: unknown): Error =>
  error instanceof RangeError
    ? new errors.ResponseExceededMaxSizeError()
    : new UnreadableEncoding("answered with a body that is not encoded as it says");
