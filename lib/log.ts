import { pino, type DestinationStream, type Logger } from "pino";

/** A structured log; secrets in it are covered. */
export type Log = Logger;

/** Fields whose values must not be read in a log, however deep they lie. */
const SECRET_FIELDS = new Set([
  "authorization",
  "x-gateway-secret",
  "token",
  "client_secret",
  "cookie",
  "password",
]);
const HAS_SECRET_FIELD = new RegExp(`"(?:${[...SECRET_FIELDS].join("|")})":`, "i");

/** A line of JSON with the values of such fields covered. */
const coveringFields = (line: string): string =>
  HAS_SECRET_FIELD.test(line)
    ? `${JSON.stringify(JSON.parse(line), (name, value: unknown) => (SECRET_FIELDS.has(name.toLowerCase()) ? "[redacted]" : value))}\n`
    : line;

/**
 * What must not be read in a log wherever it stands: in a message, an address, an error of a library or another server. Each
 * is looked for only where the text has what it cannot do without.
 */
const SECRET_TEXTS: readonly [needs: string, RegExp, string][] = [
  ["eyJ", /eyJ[\w-]{5,}\.[\w-]+\.[\w-]*/g, "[token]"],
  ["Bearer ", /\bBearer [\w.~+/-]+=*/g, "Bearer [redacted]"],
  ["Basic ", /\bBasic [\w.~+/-]+=*/g, "Basic [redacted]"],
  ["whsec_", /whsec_[\w+/-]+=*/g, "[secret]"],
  ["@", /(\b\w+:\/\/[^\s:/@"]*):[^\s@"]+@/g, "$1:[redacted]@"],
  ["@", /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g, "[e-mail]"],
];

const withoutSecrets = (line: string): string =>
  SECRET_TEXTS.reduce(
    (text, [needs, secret, instead]) => (text.includes(needs) ? text.replaceAll(secret, instead) : text),
    coveringFields(line),
  );

/** From the least talkative to silence. */
export const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;

/** What every line has: said otherwise, or of no use to a person. */
const USUAL_FIELDS = new Set(["level", "time", "pid", "hostname", "name", "msg"]);

/** A line for a person at a terminal: time, level, who, what, and the rest as `name=value`; an error by its message. */
function readable(line: string): string {
  const entry = JSON.parse(line) as Record<string, unknown>;
  const textOf = (value: unknown) =>
    typeof value === "object" && value !== null && "message" in value
      ? String(value.message)
      : typeof value === "string"
        ? value
        : JSON.stringify(value);
  const rest = Object.entries(entry)
    .filter(([field]) => !USUAL_FIELDS.has(field))
    .map(([field, value]) => ` ${field}=${textOf(value)}`);
  const [time = "", level = "", name, message] = ["time", "level", "name", "msg"].map((field) =>
    textOf(entry[field] ?? ""),
  );
  return `${time.slice(11, 19)} ${level.padEnd(5)} ${name}: ${message}${rest.join("")}\n`;
}

/** How long a line may wait for others, and how much may wait; UTF-16 units. */
const GATHER_MS = 10;
const GATHER_LENGTH = 8_192;

/**
 * Standard error, where the lines of one burst go out in one write: a write for each costs more than the line itself. What
 * waits is written when it is fatal or the process ends; one that is killed loses the lines of its last moment.
 */
class StandardError implements DestinationStream {
  readonly #file = pino.destination({ dest: 2, sync: true });
  #waiting = "";

  constructor() {
    process.on("exit", () => this.flushSync());
  }

  write(line: string): void {
    if (this.#waiting === "") setTimeout(() => this.flushSync(), GATHER_MS).unref();
    this.#waiting += line;
    if (this.#waiting.length >= GATHER_LENGTH) this.flushSync();
  }

  flushSync(): void {
    if (this.#waiting === "") return;
    this.#file.write(this.#waiting);
    this.#waiting = "";
  }
}

/** One for the process: what several loggers say stays in order. */
const standardError = new StandardError();

/** A logger on standard error, unless told otherwise, that never prints credentials or mail addresses: lines of JSON, or of text where a person reads them at a terminal. */
export function createLog(options: { name: string; level: string }, to?: DestinationStream): Log {
  const isForPeople = to === undefined && process.stderr.isTTY;
  return pino(
    {
      name: options.name,
      level: options.level,
      hooks: { streamWrite: isForPeople ? (line) => readable(withoutSecrets(line)) : withoutSecrets },
      formatters: { level: (label) => ({ level: label }) },
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    to ?? standardError,
  );
}
