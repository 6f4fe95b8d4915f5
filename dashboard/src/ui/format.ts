import { zone } from "./zone.ts";

const money = new Intl.NumberFormat("en", { style: "currency", currency: "USD" });
const cents = new Intl.NumberFormat("en", { style: "currency", currency: "USD", maximumFractionDigits: 4 });
const fourDecimals = new Intl.NumberFormat("en", {
  style: "currency",
  currency: "USD",
  minimumFractionDigits: 4,
});
const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const hundredths = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });
const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

const inBothZones = (options: Intl.DateTimeFormatOptions) => ({
  local: new Intl.DateTimeFormat([], { hourCycle: "h23", ...options }),
  utc: new Intl.DateTimeFormat([], { hourCycle: "h23", ...options, timeZone: "UTC" }),
});
const clock = inBothZones({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
const calendar = inBothZones({ dateStyle: "medium", timeStyle: "short" });
const days = inBothZones({ day: "numeric", month: "short" });
const zoneNames = inBothZones({ timeZoneName: "short" });

/** US dollars; amounts under one dollar keep their fractions of a cent. */
export const usd = (amount: number): string =>
  (Math.abs(amount) < 1 && amount !== 0 ? cents : money).format(amount);

/** A budget in US dollars, or that there is none. */
export const limitUsd = (amount: number | null): string => (amount === null ? "no limit" : usd(amount));

/** US dollars to a hundredth of a cent, for columns of small amounts. */
export const exactUsd = (amount: number): string => fourDecimals.format(amount);

export const count = (value: number): string => whole.format(value);

/** A number of things, like `1 stream` or `1,200 streams`. */
export const counted = (value: number, thing: string): string =>
  `${count(value)} ${thing}${value === 1 ? "" : "s"}`;

/** How often something happens in a second. */
export const rate = (perSecond: number): string =>
  perSecond > 0 && perSecond < 10 ? hundredths.format(perSecond) : whole.format(perSecond);

export const compact = (value: number): string => short.format(value);

/** A share, 0-1, in per cent. */
export const percent = (share: number): string =>
  `${(Math.abs(share) < 0.1 ? tenths : whole).format(share * 100)} %`;

/** Minutes in the unit that people would say them in. */
export function minutes(value: number): string {
  if (value < 1) return `${whole.format(value * 60)} s`;
  if (value < 90) return `${(value < 10 ? tenths : whole).format(value)} min`;
  if (value < 48 * 60) return `${tenths.format(value / 60)} h`;
  return `${whole.format(value / 1440)} days`;
}

export const seconds = (value: number): string => minutes(value / 60);

export function milliseconds(value: number): string {
  if (value > 0 && value < 1) return `${hundredths.format(value)} ms`;
  return value < 1000 ? `${whole.format(value)} ms` : minutes(value / 60_000);
}

/** A time of day in the zone that the reader has chosen, always of 24 hours, so that a column of them lines up. */
export const timeOfDay = (date: Date): string => clock[zone()].format(date);

/** A day and a time in that zone. */
export const dayAndTime = (date: Date): string => calendar[zone()].format(date);

/** A day of the year in that zone. */
export const dayOfYear = (date: Date): string => days[zone()].format(date);

/** What that zone is called at the time, like `UTC` or `GMT+1`. */
export const zoneName = (date: Date): string =>
  zoneNames[zone()].formatToParts(date).find(({ type }) => type === "timeZoneName")?.value ?? "";

/** What machines call a failed connection, in words. */
const CONNECTION_FAILURES: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nobody answers at its address",
  ECONNRESET: "the connection was cut",
  EPIPE: "the connection was cut",
  UND_ERR_SOCKET: "the connection was cut",
  ENOTFOUND: "its address is unknown",
  EAI_AGAIN: "its address cannot be looked up",
  ETIMEDOUT: "no answer in time",
  UND_ERR_CONNECT_TIMEOUT: "no connection in time",
  UND_ERR_HEADERS_TIMEOUT: "no answer in time",
  UND_ERR_BODY_TIMEOUT: "the answer stopped half way",
};

/** A cause as the server gives it, with the codes of the network said in words, or left out behind words. */
export const plain = (cause: string): string =>
  cause
    .replace(/ \((?:E[A-Z_]{3,}|UND_ERR_[A-Z_]+)\)/g, "")
    .replace(/\b(?:E[A-Z_]{3,}|UND_ERR_[A-Z_]+)\b/g, (code) => CONNECTION_FAILURES[code] ?? words(code));

/** An enum value as words: `HALF_OPEN` becomes `half open`. */
export const words = (value: string): string => value.toLowerCase().replaceAll("_", " ");

/** What is not said by its own name: the kinds of alerts. */
const KINDS: Readonly<Record<string, string>> = {
  RUNWAY_T15: "Money for a quarter of an hour",
  RUNWAY_T5: "Money for five minutes",
  OVERRUN_20: "Far over budget",
  OVERRUN_LIKELY: "Overrun likely",
  BUDGET_EXHAUSTED: "Budget used up",
  TOKENS_EXHAUSTED: "Tokens used up",
};

/** What an alert is about. */
export const kindOfAlert = (kind: string): string => KINDS[kind] ?? sentence(kind);

export const sentence = (value: string): string => {
  const text = words(value);
  return text.charAt(0).toUpperCase() + text.slice(1);
};
