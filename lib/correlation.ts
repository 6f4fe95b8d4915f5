import { randomUUID } from "node:crypto";

/** The header that carries the correlation id in and out of every process. */
export const CORRELATION_HEADER = "x-correlation-id";

const ACCEPTABLE = /^[\w.:-]{1,128}$/;

/** The caller's correlation id when it is harmless text, else a new one. */
export const correlationIdFrom = (given: unknown): string =>
  typeof given === "string" && ACCEPTABLE.test(given) ? given : randomUUID();
