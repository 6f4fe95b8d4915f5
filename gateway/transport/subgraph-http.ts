import { Pool, errors, type Dispatcher } from "undici";
import type { TransportSettings } from "./config.ts";
import { timedOut, tooLarge, unavailable } from "./failures.ts";

export interface SubgraphHttpOptions extends Pick<TransportSettings, "responseLimitBytes" | "maxConcurrent"> {
  name: string;
  url: string;
}

interface HttpAnswer {
  statusCode: number;
  text: string;
}

/** Posts JSON text to one address over pooled connections. */
export interface SubgraphHttp {
  /**
   * The whole answer, waiting for a connection included.
   *
   * @throws CodedError SUBGRAPH_TIMEOUT or SUBGRAPH_UNAVAILABLE when there is none in time
   */
  post(body: string, headers: string[], timeoutMs: number): Promise<HttpAnswer>;
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
  const explain = (error: unknown) =>
    error instanceof errors.ResponseExceededMaxSizeError
      ? tooLarge(name, responseLimitBytes)
      : unavailable(name, "cannot be reached", error);
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
        pool.dispatch({ method: "POST", path, headers, body }, collector);
      }),
    close: () => pool.close(),
  };
}

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
    // undici counts what arrives; what is announced need not be waited for.
    if (Number(headers["content-length"]) > this.#limitBytes)
      controller.abort(new errors.ResponseExceededMaxSizeError());
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    clearTimeout(this.timer);
    const [first] = this.#chunks;
    const whole = first && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks);
    this.#outcome.resolve({ statusCode: this.#statusCode, text: whole.toString() });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    clearTimeout(this.timer);
    this.#outcome.reject(error);
  }
}
