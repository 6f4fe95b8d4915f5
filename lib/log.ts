import { pino, type Logger } from "pino";

export type Log = Logger;

const SECRET_PATHS = [
  "authorization",
  "*.authorization",
  "headers.authorization",
  'headers["x-gateway-secret"]',
  "token",
  "*.token",
  "client_secret",
  "*.client_secret",
];

export const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;

/** A JSON logger on standard error that never prints credentials. */
export function createLog(options: { name: string; level: string }): Log {
  return pino(
    {
      name: options.name,
      level: options.level,
      redact: { paths: SECRET_PATHS, censor: "[redacted]" },
      formatters: { level: (label) => ({ level: label }) },
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    pino.destination({ dest: 2, sync: true }),
  );
}
