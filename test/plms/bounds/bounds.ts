import { depth } from "../../support/depth.ts";

/** A value to send, and what it stands for. */
export interface Sent {
  what: string;
  value: unknown;
}

/** What an argument takes: values of which each has to be refused, and values of which none may be. */
export interface Bound {
  outside: readonly Sent[];
  inside: readonly Sent[];
  /** What is refused is refused as something that does not exist. */
  isId?: boolean;
}

/** Text that stands for itself in a GraphQL document and cannot travel as JSON. */
export class Literal {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

const INT_MAX = 2_147_483_647;
const sent = (what: string, value: unknown): Sent => ({ what, value });
const each = (values: readonly unknown[]): Sent[] => values.map((value) => sent(shown(value), value));

export function shown(value: unknown): string {
  if (value instanceof Literal) return value.text;
  const text = JSON.stringify(value) ?? "undefined";
  return text.length > 40 ? `${text.slice(0, 30)}… (${text.length})` : text;
}

const fromNow = (ms: number): string => new Date(Date.now() + ms).toISOString();

/** Neither a number nor one in disguise. */
const NO_NUMBERS = each(["NaN", "Infinity", "-Infinity", "1", "", true, {}, [], new Literal("1e999")]);

export const integer = (least: number, most: number): Bound => ({
  outside: [
    ...each([least - 1, most + 1, least + 0.5, -INT_MAX - 2, Math.max(INT_MAX, most) + 1, 1e300]),
    ...NO_NUMBERS.filter(({ value }) => value instanceof Literal || typeof value !== "object"),
  ],
  inside: each([least, most]),
});

export const number = (least: number, most: number, { aboveLeast = false } = {}): Bound => ({
  outside: [
    ...each([least - 1, most + 1, most * 1.000_001 + 1e-9, -1e300, 1e300, ...(aboveLeast ? [least] : [])]),
    ...NO_NUMBERS,
  ],
  inside: each([aboveLeast ? least + 1e-6 : least, most]),
});

/** US dollars. */
export const usd = (most: number): Bound => ({
  outside: [...each([-0.01, most + 1, 0.000_000_1, 1e300]), ...NO_NUMBERS],
  inside: each([0, 0.000_001, most]),
});

const BROKEN_TEXTS = [
  sent("NUL", "a\0b"),
  sent("an escape sequence", "a\u001b[2Jb"),
  sent("DEL", "a\u007fb"),
  sent("half a surrogate pair", "a\ud800b"),
];

export const text = (max: number, { isProse = false } = {}): Bound => ({
  outside: [
    ...each(["", "   ", 5, true, {}]),
    sent(`${max + 1} characters`, "x".repeat(max + 1)),
    sent("a million characters", "x".repeat(1_000_000)),
    ...BROKEN_TEXTS,
    ...(isProse ? [] : [sent("a line break", "a\nb")]),
  ],
  inside: [
    ...each(["x", "ünïcödé 🙂"]),
    sent(`${max} characters`, "x".repeat(max)),
    ...(isProse ? [sent("a line break", "a\nb")] : []),
  ],
});

export const relativePath = (max: number): Bound => ({
  outside: [...text(max).outside, ...each(["/etc/passwd", "../up", "a/../../b", "c:\\x", "\\\\host\\share"])],
  inside: each(["docs/prd.md"]),
});

export const idempotencyKey: Bound = {
  outside: [
    ...each(["", "ключ", 5.5, {}]),
    sent("256 characters", "x".repeat(256)),
    sent("a million characters", "x".repeat(1_000_000)),
    ...BROKEN_TEXTS,
  ],
  inside: [...each(["k", "with blanks inside"]), sent("255 characters", "k".repeat(255))],
};

export const cursor: Bound = {
  outside: [
    ...each(["", "MQ", "not a cursor", 1.5, {}]),
    ...each(["c1:", "c1:-1", "c1:1e3", `c1:${"9".repeat(19)}`, "c1:1; drop table", "c1:\0"]).map(
      ({ what, value }) => sent(`our own with ${what}`, Buffer.from(String(value)).toString("base64url")),
    ),
    sent("a million characters", "YzE6".repeat(250_000)),
    ...BROKEN_TEXTS,
  ],
  inside: [sent("one of ours", Buffer.from("c1:0").toString("base64url"))],
};

const STRANGE_IDS = [
  ...each([
    "",
    "0",
    "-1",
    "1e3",
    " 1",
    "٣",
    "999999999999999999",
    "9".repeat(19),
    "1; drop table",
    "..",
    "\0",
  ]),
  sent("half a surrogate pair", "\ud800"),
  sent("a million characters", "1".repeat(1_000_000)),
];

/** The id of something that is not ours: any text; GraphQL takes a number for text. */
export const foreignId = (max: number): Bound => ({
  ...text(max),
  outside: text(max).outside.filter(({ value }) => value !== 5),
});

/** The id of something of ours. */
export const id: Bound = { isId: true, outside: STRANGE_IDS, inside: [] };

/** The same, where nothing is told of what does not exist. */
export const nullableId: Bound = { isId: true, outside: [], inside: STRANGE_IDS };

/** The number of a lane. */
export const laneId: Bound = {
  outside: [
    ...each([-1, 0, 1, 999_999, 4200.5, INT_MAX, INT_MAX + 1, 1e300]),
    ...NO_NUMBERS.filter(({ value }) => value instanceof Literal || typeof value !== "object"),
  ],
  inside: each([4200]),
};

/** One of a few words. */
export const oneOf = (...words: readonly string[]): Bound => ({
  outside: [
    ...each(["", `${words[0]} `, "nonsense", 5, true, {}]),
    sent("a million characters", "x".repeat(1_000_000)),
    ...BROKEN_TEXTS,
  ],
  inside: each(words),
});

/** A hundred thousand lists in each other. */
export const DEEP = Array.from({ length: 100_000 }).reduce<unknown[]>((inner) => [inner], []);

/** What a KPI is held to. */
export const threshold: Bound = {
  outside: [
    ...each(["0.9", true, null, [], {}, [[[[[]]]]], { "\0": 1 }, new Literal("1e999")]),
    sent("a million characters", "x".repeat(1_000_000)),
    sent(
      "a hundred thousand items",
      Array.from({ length: 100_000 }, () => 1),
    ),
    sent("a hundred thousand lists in each other", DEEP),
    sent("nine thousand lists in each other", new Literal("[".repeat(9_000) + "]".repeat(9_000))),
    ...BROKEN_TEXTS,
  ],
  inside: each([0, 0.9, -1, 1e300]),
};

export const list = (item: unknown, { least = 0, most }: { least?: number; most: number }): Bound => {
  const of = (length: number) =>
    sent(
      `${length} items`,
      Array.from({ length }, () => item),
    );
  return {
    outside: [
      of(most + 1),
      of(most * 20),
      ...(least > 0 ? [of(0)] : []),
      ...each(["text", 5, [null], [[item]]]),
    ],
    inside: [of(least), of(most)],
  };
};

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** ISO-8601 instants since 1970, as far ahead as a clock that is set wrong may be: a day. */
export const instant: Bound = {
  outside: [
    ...each(["", "yesterday", "2026-02-30T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-01T25:00:00Z"]),
    ...each(["2026-01-01", "2026-01-01T00:00:00", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00Z"]),
    ...each(["1969-12-31T23:59:59Z", "9999-12-31T23:59:59-14:00", "+020000-01-01T00:00:00Z", 0, 1e300]),
    ...each(["2099-12-31T23:59:59Z", fromNow(DAY_MS + HOUR_MS)]),
    sent("a million characters", "2".repeat(1_000_000)),
  ],
  inside: each(["1970-01-01T00:00:00Z", "2024-02-29T08:00:00.123+05:30", fromNow(DAY_MS - HOUR_MS)]),
};

/** A value that some place of a request cannot hold is no test of it. */
export const without = ({ outside, ...bound }: Bound, isImpossible: (value: unknown) => boolean): Bound => ({
  ...bound,
  outside: outside.filter(({ value }) => !isImpossible(value)),
});

/** In UTC, as refusals of spans show what they were given, this one is of another year. */
const OUTSIDE_TIME = without(instant, (value) => value === "9999-12-31T23:59:59-14:00").outside;

/** The beginning of a span of time. */
export const past: Bound = {
  outside: [...OUTSIDE_TIME, ...each([fromNow(HOUR_MS)])],
  inside: each(["1970-01-01T00:00:00Z", "2024-02-29T08:00:00.123+05:30", fromNow(-HOUR_MS)]),
};

/** The end of one that begins with the year 2000. */
export const endOfSpan: Bound = {
  outside: [...OUTSIDE_TIME, ...each(["1999-12-31T23:59:59Z", "2000-01-01T00:00:00.999Z"])],
  inside: each(["2000-01-01T00:00:01Z", "2024-02-29T08:00:00.123+05:30", fromNow(DAY_MS - HOUR_MS)]),
};

export const flag: Bound = { outside: each(["yes", "", 2, "1;"]), inside: each([true, false]) };

/** Every value in the full run, each fifth in the quick one. */
export const inDepth = <T>(values: readonly T[]): T[] =>
  values.filter((_, index) => index % depth(5, 1) === 0);
