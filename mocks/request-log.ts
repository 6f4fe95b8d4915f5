import type { FastifyInstance } from "fastify";

interface LoggedRequest {
  method: string;
  /** Without the query. */
  path: string;
  correlationId: string;
  /** HTTP status, null when the caller got no answer. */
  status: number | null;
}

export interface RequestLog {
  /** How often each path was called since the last reset, faults included. */
  counts(): Record<string, number>;
  /** The newest thousand, oldest first. */
  last(): readonly LoggedRequest[];
  reset(): void;
}

const KEPT = 1000;

/** Writes down every request but those to the control endpoints. */
export function createRequestLog(app: FastifyInstance): RequestLog {
  const counts = new Map<string, number>();
  const entries: LoggedRequest[] = [];
  const open = new WeakMap<object, LoggedRequest>();

  app.addHook("onRequest", async (request) => {
    const path = pathOf(request.url);
    if (isControlPath(path)) return;
    const entry: LoggedRequest = { method: request.method, path, correlationId: request.id, status: null };
    open.set(request, entry);
    counts.set(path, (counts.get(path) ?? 0) + 1);
    entries.push(entry);
    if (entries.length > KEPT) entries.shift();
  });
  app.addHook("onSend", async (request, reply) => {
    const entry = open.get(request);
    if (entry) entry.status = reply.statusCode;
  });
  return {
    counts: () => Object.fromEntries(counts),
    last: () => entries.map((entry) => ({ ...entry })),
    reset: () => {
      counts.clear();
      entries.length = 0;
    },
  };
}

export const pathOf = (url: string): string => url.split("?", 1)[0] ?? url;

/** Paths that serve the tester and the operator; faults and counts leave them alone. */
export const isControlPath = (path: string): boolean =>
  path.startsWith("/_") || ["/livez", "/readyz", "/metrics"].includes(path);
