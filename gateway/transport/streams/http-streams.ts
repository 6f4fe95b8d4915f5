import { Agent, request as send, type Dispatcher } from "undici";
import {
  lookEveryMs,
  quietLimitMs,
  silentFor,
  StreamFailure,
  type StreamProtocol,
  type StreamProtocolName,
  type StreamRequest,
  type StreamSettings,
  type StreamSink,
} from "./stream-protocol.ts";
import { readWhole, refusalIn, requestFailure, type WholeAnswer } from "./http-answer.ts";
import { eventStreamReader, multipartReader, type FrameReader, type FrameSink } from "./frames.ts";

type HttpProtocol = Extract<StreamProtocolName, "sse" | "multipart">;

const MEDIA_TYPES: Readonly<Record<HttpProtocol, string>> = {
  sse: "text/event-stream",
  multipart: 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0',
};

export interface HttpStreamsOptions extends StreamSettings {
  /** What is asked for; which of them the answer is, its content type tells. */
  accepts: readonly HttpProtocol[];
  /** Whether the subgraph answers anything at all, asked when a stream is quiet. */
  isAlive: (timeoutMs: number) => Promise<boolean>;
}

/** Streams as the answer to a POST, each on a connection of its own. */
export function createHttpStreams(options: HttpStreamsOptions): StreamProtocol {
  const agent = new Agent({ connectTimeout: quietLimitMs(options), bodyTimeout: 0, pipelining: 0 });
  return {
    open: (request, sink) => {
      const stream = new HttpStream(options, agent, sink);
      void stream.run(request);
      return () => stream.leave();
    },
    close: () => agent.destroy(),
  };
}

/** How many heartbeats may fail to come before a stream that had them is taken for dead. */
const MISSED_BEATS = 3;

class HttpStream {
  readonly #options: HttpStreamsOptions;
  readonly #agent: Agent;
  readonly #sink: StreamSink;
  readonly #abort = new AbortController();
  #looking: NodeJS.Timeout | undefined;
  #isOver = false;
  #heardAtMs = performance.now();
  #beatAtMs: number | undefined;
  /** The longest time between two heartbeats so far; undefined until there were two. */
  #beatMs: number | undefined;

  constructor(options: HttpStreamsOptions, agent: Agent, sink: StreamSink) {
    this.#options = options;
    this.#agent = agent;
    this.#sink = sink;
  }

  leave(): void {
    this.#isOver = true;
    clearInterval(this.#looking);
    this.#abort.abort();
  }

  async run({ payload, headers }: StreamRequest): Promise<void> {
    try {
      const response = await send(this.#options.url, {
        method: "POST",
        headers: { ...headers, accept: this.#options.accepts.map((name) => MEDIA_TYPES[name]).join(", ") },
        body: JSON.stringify(payload),
        dispatcher: this.#agent,
        signal: this.#abort.signal,
        headersTimeout: quietLimitMs(this.#options),
      });
      await this.#read(response);
      this.#fail(new StreamFailure("broken", "ended its answer in the middle of a stream"));
    } catch (error) {
      this.#fail(requestFailure(error, quietLimitMs(this.#options)));
    }
  }

  async #read(response: Dispatcher.ResponseData): Promise<void> {
    const { statusCode, headers, body } = response;
    const reader = statusCode === 200 ? this.#readerFor(String(headers["content-type"] ?? "")) : undefined;
    if (!reader) return this.#refused(await readWhole(response, this.#options.limitBytes));
    const decoder = new TextDecoder();
    this.#heardAtMs = performance.now();
    this.#looking = setInterval(() => void this.#look(), lookEveryMs(this.#options));
    for await (const chunk of body) {
      if (this.#isOver) return;
      reader.feed(decoder.decode(chunk as Buffer, { stream: true }));
      this.#heardAtMs = performance.now();
    }
  }

  #readerFor(contentType: string): FrameReader | undefined {
    const { limitBytes, accepts } = this.#options;
    const frames: FrameSink = {
      next: (result) => {
        if (!this.#isOver) this.#sink.next(result);
      },
      end: () => this.#end(),
      beat: () => {
        const nowMs = performance.now();
        if (this.#beatAtMs !== undefined) this.#beatMs = Math.max(this.#beatMs ?? 0, nowMs - this.#beatAtMs);
        this.#beatAtMs = nowMs;
      },
    };
    const [mediaType = "", ...parameters] = contentType.split(";").map((part) => part.trim());
    const kind = accepts.find((name) => MEDIA_TYPES[name].startsWith(mediaType.toLowerCase()));
    if (mediaType === "" || !kind) return undefined;
    this.#sink.opened(kind);
    if (kind === "sse") return eventStreamReader(frames, limitBytes);
    const boundary = parameters.find((part) => /^boundary=/i.test(part))?.slice(9);
    return multipartReader(boundary?.replaceAll('"', "") ?? "-", frames, limitBytes);
  }

  /** An answer that is no stream. */
  #refused(answer: WholeAnswer): void {
    const refusal = refusalIn(answer);
    if (refusal instanceof StreamFailure) return this.#fail(refusal);
    this.#sink.next(refusal);
    return this.#end();
  }

  /** Quiet is no fault by itself: servers need not send heartbeats. One that does not answer at all is gone. */
  async #look(): Promise<void> {
    const quietMs = performance.now() - this.#heardAtMs;
    if (quietMs <= quietLimitMs(this.#options)) return;
    const isBeatMissed = this.#beatMs !== undefined && quietMs > MISSED_BEATS * this.#beatMs;
    if (isBeatMissed || !(await this.#options.isAlive(lookEveryMs(this.#options))))
      this.#fail(silentFor(quietMs));
  }

  #end(): void {
    if (this.#isOver) return;
    this.leave();
    this.#sink.end();
  }

  #fail(failure: StreamFailure): void {
    if (this.#isOver) return;
    this.leave();
    this.#sink.fail(failure);
  }
}
