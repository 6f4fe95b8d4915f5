import { request, type IncomingMessage } from "node:http";
import { onTestFinished } from "vitest";

/** A streaming HTTP answer as it comes in. */
export interface OpenedStream {
  status: number;
  headers: IncomingMessage["headers"];
  /** Everything so far. */
  text(): string;
  isEnded(): boolean;
  cut(): void;
  /** Stops reading. */
  pause(): void;
  resume(): void;
}

export interface StreamCall {
  method?: string;
  accept?: string;
  headers?: Record<string, string>;
  body?: unknown;
}

export function openStream(url: string, call: StreamCall): Promise<OpenedStream> {
  const { method = "POST", accept = "text/event-stream", headers = {}, body } = call;
  const all = { accept, ...(body !== undefined && { "content-type": "application/json" }), ...headers };
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers: all, agent: false }, (response) => {
      let text = "";
      let ended = false;
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.on("close", () => (ended = true)).on("error", () => {});
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        text: () => text,
        isEnded: () => ended,
        cut: () => outgoing.destroy(),
        pause: () => void response.pause(),
        resume: () => void response.resume(),
      });
    });
    outgoing.on("error", reject);
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    onTestFinished(() => void outgoing.destroy());
  });
}
