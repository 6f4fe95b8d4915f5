import { pino, type DestinationStream, type Logger } from "pino";

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
  "cookie",
  "*.cookie",
  "password",
  "*.password",
];

/** What must not be read in a log wherever it stands: in a message, an address, an error of somebody else. */
const SECRET_TEXTS: readonly [RegExp, string][] = [
  [/eyJ[\w-]{5,}\.[\w-]+\.[\w-]*/g, "[token]"],
  [/\b(Bearer|Basic) [\w.~+/-]+=*/g, "$1 [redacted]"],
  [/whsec_[\w+/-]+=*/g, "[secret]"],
  [/(\b\w+:\/\/[^\s:/@"]*):[^\s@"]+@/g, "$1:[redacted]@"],
  [/[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g, "[e-mail]"],
];

const withoutSecrets = (line: string): string =>
  SECRET_TEXTS.reduce((text, [secret, instead]) => text.replaceAll(secret, instead), line);

export const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;

/** A JSON logger, on standard error unless told otherwise, that never prints credentials or mail addresses. */
export function createLog(options: { name: string; level: string }, to?: DestinationStream): Log {
  return pino(
    {
      name: options.name,
      level: options.level,
      redact: { paths: SECRET_PATHS, censor: "[redacted]" },
      hooks: { streamWrite: withoutSecrets },
      formatters: { level: (label) => ({ level: label }) },
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    to ?? pino.destination({ dest: 2, sync: true }),
  );
}
