import { Pool, type Dispatcher } from "undici";

export interface SubgraphHttpOptions {
  url: string;
  /** Longest wait for a whole answer, in milliseconds. */
  timeoutMs: number;
}

export interface HttpAnswer {
  statusCode: number;
  text: string;
}

/** Posts JSON text to one address over pooled connections. */
export interface SubgraphHttp {
  /** Rejects with undici's error when there is no complete answer in time. */
  post(body: string, headers: string[]): Promise<HttpAnswer>;
  close(): Promise<void>;
}

const RESPONSE_LIMIT_BYTES = 64 * 1_048_576;
const CONNECTIONS = 64;
const CONNECT_TIMEOUT_MS = 3_000;

export function createSubgraphHttp({ url, timeoutMs }: SubgraphHttpOptions): SubgraphHttp {
  const { origin, pathname, search } = new URL(url);
  const path = pathname + search;
  const pool = new Pool(origin, {
    connections: CONNECTIONS,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    connectTimeout: Math.min(timeoutMs, CONNECT_TIMEOUT_MS),
    maxResponseSize: RESPONSE_LIMIT_BYTES,
  });
  return {
    post: (body, headers) =>
      new Promise((resolve, reject) => {
        pool.dispatch({ method: "POST", path, headers, body }, new Collector({ resolve, reject }));
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
  #statusCode = 0;
  readonly #chunks: Buffer[] = [];
  readonly #outcome: Outcome;

  constructor(outcome: Outcome) {
    this.#outcome = outcome;
  }

  onRequestStart(): void {}

  onResponseStart(_controller: Dispatcher.DispatchController, statusCode: number): void {
    this.#statusCode = statusCode;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const [first] = this.#chunks;
    const whole = first && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks);
    this.#outcome.resolve({ statusCode: this.#statusCode, text: whole.toString() });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#outcome.reject(error);
  }
}
