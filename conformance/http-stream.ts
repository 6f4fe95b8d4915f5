import { waitFor } from "../lib/wait.ts";
import { Failed } from "./rule.ts";
import type { Target } from "./target.ts";

/** An answer over HTTP, as far as it has come. */
export interface HttpStream {
  status: number;
  contentType: string;
  text: () => string;
  isEnded: () => boolean;
  /** Waits until something holds for the text. */
  until: <V>(what: string, value: (text: string) => V | undefined | false) => Promise<V>;
  ended: () => Promise<string>;
}

export interface Call {
  query: string;
  accept: string;
  method?: "GET" | "POST";
  headers?: Record<string, string>;
  extensions?: object;
}

/** Asks, lets `use` look at the answer while it comes, and breaks it off afterwards. */
export async function onStream<T>(
  target: Target,
  call: Call,
  use: (stream: HttpStream) => Promise<T>,
): Promise<T> {
  const abort = new AbortController();
  try {
    return await use(await ask(target, call, abort.signal));
  } finally {
    abort.abort();
  }
}

async function ask(
  { httpUrl, headers, timeoutMs }: Target,
  call: Call,
  signal: AbortSignal,
): Promise<HttpStream> {
  const { query, accept, method = "POST", extensions } = call;
  const isGet = method === "GET";
  const url = new URL(httpUrl);
  if (isGet) url.searchParams.set("query", query);
  const answering = fetch(url, {
    method,
    signal,
    headers: {
      accept,
      ...(isGet ? { "apollo-require-preflight": "1" } : { "content-type": "application/json" }),
      ...headers,
      ...call.headers,
    },
    ...(!isGet && { body: JSON.stringify({ query, ...(extensions && { extensions }) }) }),
  });
  const response = await within(answering, timeoutMs);
  let text = "";
  let isEnded = false;
  const read = async () => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? [])
      text += decoder.decode(chunk as Uint8Array, { stream: true });
    isEnded = true;
  };
  read().catch(() => (isEnded = true));
  const until: HttpStream["until"] = (what, value) =>
    waitFor(() => value(text) as never, { timeoutMs, what }).catch((error: unknown) => {
      throw new Failed(
        `${(error as Error).message}; status ${response.status}, ${isEnded ? "ended" : "open"}, so far: ${JSON.stringify(text.slice(0, 300))}`,
      );
    });
  return {
    status: response.status,
    contentType: response.headers.get("content-type") ?? "",
    text: () => text,
    isEnded: () => isEnded,
    until,
    ended: async () => {
      await until("the answer to end", () => isEnded);
      return text;
    },
  };
}

function within<T>(promise: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Failed(`waited ${ms} ms for the head of the answer`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

export interface ServerEvent {
  event: string;
  id: string | undefined;
  data: string;
}

/** The whole events of a text; comments are none. */
export const eventsIn = (text: string): ServerEvent[] =>
  text
    .replaceAll("\r\n", "\n")
    .split("\n\n")
    .slice(0, -1)
    .flatMap((block) => {
      const lines = block.split("\n").filter((line) => line !== "" && !line.startsWith(":"));
      if (lines.length === 0) return [];
      const valueOf = (name: string) =>
        lines
          .filter((line) => line === name || line.startsWith(`${name}:`))
          .map((line) => line.slice(name.length + 1).replace(/^ /, ""));
      const [event = "message"] = valueOf("event");
      return [{ event, id: valueOf("id")[0], data: valueOf("data").join("\n") }];
    });

export interface Part {
  headers: string;
  body: string;
}

/** What `multipart/mixed` has brought: whole parts, which are those whose next delimiter has come. */
export function partsIn(text: string, boundary: string): { parts: Part[]; isClosed: boolean } {
  const [, ...pieces] = `\r\n${text}`.split(`\r\n--${boundary}`);
  const closing = pieces.findIndex((piece) => piece.startsWith("--"));
  const whole = closing < 0 ? pieces.slice(0, -1) : pieces.slice(0, closing);
  const parts = whole.map((piece) => {
    const at = piece.indexOf("\r\n\r\n");
    return { headers: piece.slice(0, Math.max(at, 0)), body: at < 0 ? piece : piece.slice(at + 4) };
  });
  return { parts, isClosed: closing >= 0 };
}

/** The boundary of a content type; undefined without one. */
export const boundaryOf = (contentType: string): string | undefined =>
  /^multipart\/mixed/i.test(contentType)
    ? /;\s*boundary=(?:"([^"]+)"|([^;\s]+))/i
        .exec(contentType)
        ?.slice(1)
        .find((each) => each !== undefined)
    : undefined;
