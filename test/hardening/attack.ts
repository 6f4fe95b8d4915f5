/** A request as it goes over the wire, and what a safe answer looks like. */
export interface Attack {
  id: string;
  what: string;
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** Allowed statuses. */
  status: (status: number) => boolean;
  /** Longest time that the answer may take, in milliseconds. */
  withinMs?: number;
  /** Words that may not be in the answer. */
  never?: RegExp;
  /** What has to be in the answer. */
  has?: RegExp;
  /** Most errors that the answer may list. */
  maxErrors?: number;
}

export const json = (body: unknown) => JSON.stringify(body);
export const query = (text: string, extra: object = {}) => json({ query: text, ...extra });
export const refused = (status: number) => status >= 400 && status < 500;
export const noServerError = (status: number) => status < 500;
export const only =
  (...allowed: number[]) =>
  (status: number) =>
    allowed.includes(status);
export const repeat = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => text(i)).join(" ");
/** What an answer must not show of the inside. */
export const INTERNALS = /node_modules|\.ts:|\bat \w+ \(|stacktrace/i;
