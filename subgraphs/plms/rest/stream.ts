import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { FastifyReply } from "fastify";

export interface EventStreamOptions<T> {
  values: AsyncIterableIterator<T>;
  /** Identifies a value: a client that comes back with the current one hears nothing until it changes. */
  idOf: (value: T) => string;
  present: (value: T) => unknown;
  /** The `Last-Event-ID` of a client that comes back. */
  lastEventId: unknown;
  /** When the caller's token stops being good; never for visitors. */
  expiresAtSeconds: number | undefined;
}

const HEARTBEAT_MS = 15_000;
const RETRY_MS = 2_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Sends values as server-sent events until the client leaves, the source ends or the token expires. */
export async function sendEvents<T>(reply: FastifyReply, options: EventStreamOptions<T>): Promise<void> {
  const { values, idOf, present, lastEventId } = options;
  const { raw } = reply.hijack();
  raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    connection: "close",
    "x-accel-buffering": "no",
  });
  raw.write(`retry: ${RETRY_MS}\n\n`);
  const leave = () => void values.return?.();
  raw.once("close", leave);
  const heartbeat = setInterval(() => raw.write(": still here\n\n"), HEARTBEAT_MS);
  const expiry = expiryTimer(options.expiresAtSeconds, leave);
  try {
    let isFirst = true;
    for await (const value of values) {
      const id = idOf(value);
      if (!isFirst || id !== lastEventId)
        await write(raw, `id: ${id}\ndata: ${JSON.stringify(present(value))}\n\n`);
      isFirst = false;
    }
  } finally {
    clearInterval(heartbeat);
    clearTimeout(expiry);
    raw.end();
  }
}

/** A client that does not read is waited for; what it misses meanwhile is folded into the next value. */
async function write(raw: ServerResponse, text: string): Promise<void> {
  if (raw.destroyed || raw.write(text)) return;
  const done = new AbortController();
  const { signal } = done;
  await Promise.race([once(raw, "drain", { signal }), once(raw, "close", { signal })]).finally(() =>
    done.abort(),
  );
}

function expiryTimer(expiresAtSeconds: number | undefined, onExpiry: () => void): NodeJS.Timeout | undefined {
  if (expiresAtSeconds === undefined) return undefined;
  const leftMs = Math.max(0, expiresAtSeconds * 1000 - Date.now());
  return setTimeout(onExpiry, Math.min(leftMs, LONGEST_TIMER_MS));
}
