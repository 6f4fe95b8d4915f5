import type { Leftovers } from "../../../products/operations/ports.ts";
import { DAY_ALLOWED, isDay } from "../../../../../lib/day.ts";
import { isStorable } from "../../../../../lib/storable.ts";
import type { Rejection } from "../../../products/domain/configuration.ts";
import {
  DECIMAL_ALLOWED,
  decimalOf,
  isUnit,
  ONE_PIECE,
  PIECE,
  type Quantity,
} from "../../../products/domain/quantity.ts";
import { malformedAt } from "./failures.ts";

/** Different unknown fields that are told apart; more than that are counted together. */
const UNKNOWN_FIELDS_MAX = 100;
const REJECTED_MAX = 200;
export const TEXT_MAX = 200;
export const NAME_MAX = 1_000;
/** Ids are the PLM's own, and mean nothing to us. */
export const ID_MAX = 512;

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads plain JSON field by field and knows where it is, so that whatever is wrong is named by its place. Unknown
 * fields are counted, never an error.
 */
export class Reader {
  readonly #path: (string | number)[] = [];
  readonly #unknown = new Map<string, number>();
  readonly #rejected: Rejection[] = [];

  /** Reads something below a field or at a position. */
  at<T>(step: string | number, read: () => T): T {
    this.enter(step);
    const value = read();
    this.leave();
    return value;
  }

  /** What generators use instead of `at`; a failure ends the whole reading, so that nobody has to leave then. */
  enter(step: string | number): void {
    this.#path.push(step);
  }

  leave(): void {
    this.#path.pop();
  }

  get depth(): number {
    return this.#path.length;
  }

  /** Goes back to where the path was so long, after a record that failed. */
  backTo(depth: number): void {
    this.#path.length = depth;
  }

  /** @throws PlmFailure MALFORMED unless it is an object */
  object(value: unknown, known: ReadonlySet<string>): Fields {
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw this.wrong("an object");
    for (const name in value) if (!known.has(name)) this.#countUnknown(name);
    return value as Fields;
  }

  /** @throws PlmFailure MALFORMED unless it is a list */
  list(fields: Fields, name: string, fallback?: readonly unknown[]): readonly unknown[] {
    const value = fields[name];
    if ((value === undefined || value === null) && fallback) return fallback;
    if (!Array.isArray(value)) throw this.wrong("a list", name);
    return value;
  }

  /** Text as it is, so that two codes stay two; a whole number is its digits, as some databases write codes. */
  text(fields: Fields | readonly unknown[], name: string | number, max: number = TEXT_MAX): string {
    const value = digitsOf((fields as Readonly<Record<string | number, unknown>>)[name]);
    if (typeof value !== "string" || value.trim() === "" || value.length > max)
      throw this.wrong(`text of 1 to ${max} characters`, name);
    if (!isStorable(value)) throw this.wrong("text without NUL and without half characters", name);
    return value;
  }

  optionalText(fields: Fields, name: string, max: number = TEXT_MAX): string | null {
    const value = fields[name];
    return value === undefined || value === null || value === "" ? null : this.text(fields, name, max);
  }

  flag(fields: Fields, name: string, fallback: boolean): boolean {
    const value = fields[name] ?? fallback;
    if (typeof value !== "boolean") throw this.wrong("true or false", name);
    return value;
  }

  order(fields: Fields): number {
    const value = fields["sortOrder"] ?? 0;
    if (typeof value !== "number") throw this.wrong("a number", "sortOrder");
    return value;
  }

  choice<T extends string>(fields: Fields, name: string, choices: readonly T[]): T {
    const value = choices.find((choice) => choice === fields[name]);
    if (value === undefined) throw this.wrong(choices.join(" or "), name);
    return value;
  }

  quantity(fields: Fields): Quantity {
    const value = decimalOf(fields["quantity"] ?? 1);
    if (value === undefined) throw this.wrong(DECIMAL_ALLOWED, "quantity");
    const unit = fields["unit"] ?? PIECE;
    if (!isUnit(unit)) throw this.wrong("a common code of UNECE Recommendation 20, like C62 or MTR", "unit");
    return value === ONE_PIECE.value && unit === PIECE ? ONE_PIECE : { unit, value };
  }

  day(fields: Fields, name: string): string | null {
    const value = fields[name] ?? null;
    if (value === null) return null;
    // An instant is as good as its day.
    const day = typeof value === "string" && /^\d{4}-\d{2}-\d{2}(T|$)/.test(value) ? value.slice(0, 10) : "";
    if (!isDay(day)) throw this.wrong(DAY_ALLOWED, name);
    return day;
  }

  /** Says that something was left out. */
  reject(reason: string, step?: string | number): Rejection {
    const rejection = { place: this.#place(step), reason };
    if (this.#rejected.length < REJECTED_MAX) this.#rejected.push(rejection);
    return rejection;
  }

  wrong(allowed: string, step?: string | number): Error {
    return malformedAt(this.#place(step), `expected ${allowed}`);
  }

  refused(why: string, step?: string | number): Error {
    return malformedAt(this.#place(step), why);
  }

  leftovers(): Leftovers {
    return { unknownFields: this.#unknown, rejected: this.#rejected };
  }

  #place(step?: string | number): string {
    return (step === undefined ? this.#path : [...this.#path, step]).join(".") || "body";
  }

  #countUnknown(name: string): void {
    const steps = this.#path.map((step) => (typeof step === "number" ? "[]" : step));
    const path = [...steps, name.slice(0, TEXT_MAX)].join(".").replaceAll(".[]", "[]");
    const isCounted = this.#unknown.has(path) || this.#unknown.size < UNKNOWN_FIELDS_MAX;
    const key = isCounted ? path : "(others)";
    this.#unknown.set(key, (this.#unknown.get(key) ?? 0) + 1);
  }
}

/** A whole number that JSON carries exactly as its digits; anything else as it is. */
export const digitsOf = (value: unknown): unknown =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? String(value) : value;

/**
 * The items whose key came for the first time. One that comes again with the same words is left out and said; one
 * with other words contradicts the first and is handed to `onContradiction`.
 */
export function distinct(
  reader: Reader,
  items: readonly unknown[],
  {
    keyOf,
    what,
    onContradiction,
  }: {
    keyOf: (item: unknown) => string | undefined;
    what: string;
    onContradiction: (index: number) => void;
  },
): ReadonlySet<number> {
  const first = new Map<string, number>();
  const repeated = new Set<number>();
  items.forEach((item, index) => {
    const key = keyOf(item);
    if (key === undefined) return;
    const earlier = first.get(key);
    if (earlier === undefined) {
      first.set(key, index);
      return;
    }
    repeated.add(index);
    if (JSON.stringify(items[earlier]) === JSON.stringify(item))
      reader.reject(`${what} comes twice with the same words; it is taken once`, index);
    else onContradiction(index);
  });
  return repeated;
}
