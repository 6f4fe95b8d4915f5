/** An exact quantity: decimal text without needless zeros, like `0.25`, in a unit of UNECE Recommendation 20. */
export interface Quantity {
  value: string;
  /** A common code like `C62` (one piece), `MTR` or `KGM`. */
  unit: string;
}

/** One piece. */
export const PIECE = "C62";
export const ONE_PIECE: Quantity = Object.freeze({ unit: PIECE, value: "1" });

const DECIMAL = /^(\d{1,18})(?:\.(\d{1,18}))?(?:[eE]([+-]?\d{1,2}))?$/;
const UNIT = /^[A-Z0-9]{2,3}$/;

/** What `signedDecimalOf` and `decimalOf` take, for messages. */
export const SIGNED_ALLOWED = "a decimal of at most 18 digits before and after the point";
export const DECIMAL_ALLOWED = `${SIGNED_ALLOWED}, not below 0`;

/**
 * The canonical text of a decimal; undefined for what is none. Text is exact; a JSON number is taken as it is written
 * in its shortest form, which is exact for up to 15 digits.
 *
 * @example decimalOf("00.250") // "0.25"
 * @example decimalOf(1e-3) // "0.001"
 */
export function decimalOf(given: unknown): string | undefined {
  const text = typeof given === "number" ? String(given) : given;
  const match = typeof text === "string" ? DECIMAL.exec(text) : null;
  if (!match) return undefined;
  const [, whole = "0", fraction = "", exponent = "0"] = match;
  return textOf({ digits: BigInt(whole + fraction), scale: fraction.length - Number(exponent) });
}

/** The same for what may be below 0, like a price that is taken off; there is no negative zero. */
export function signedDecimalOf(given: unknown): string | undefined {
  const text = typeof given === "number" ? String(given) : given;
  const isNegative = typeof text === "string" && text.startsWith("-");
  const amount = decimalOf(isNegative ? text.slice(1) : text);
  return isNegative && amount !== undefined && amount !== "0" ? `-${amount}` : amount;
}

/** True for a code as Recommendation 20 writes them: two or three capitals or digits. */
export const isUnit = (text: unknown): text is string => typeof text === "string" && UNIT.test(text);

/** `digits` divided by ten to the power of `scale`. */
interface Scaled {
  digits: bigint;
  scale: number;
}

function scaledOf(decimal: string): Scaled {
  const point = decimal.indexOf(".");
  if (point < 0) return { digits: BigInt(decimal), scale: 0 };
  return {
    digits: BigInt(decimal.slice(0, point) + decimal.slice(point + 1)),
    scale: decimal.length - point - 1,
  };
}

function textOf({ digits, scale }: Scaled): string {
  if (scale <= 0) return String(digits * 10n ** BigInt(-scale));
  const text = String(digits).padStart(scale + 1, "0");
  const fraction = text.slice(-scale).replace(/0+$/, "");
  const whole = text.slice(0, -scale);
  return fraction === "" ? whole : `${whole}.${fraction}`;
}

/** The exact product of two canonical decimals. */
export function times(a: string, b: string): string {
  if (b === "1") return a;
  if (a === "1") return b;
  const [left, right] = [scaledOf(a), scaledOf(b)];
  return textOf({ digits: left.digits * right.digits, scale: left.scale + right.scale });
}

/** The exact sum of two canonical decimals. */
export function plus(a: string, b: string): string {
  const [left, right] = [scaledOf(a), scaledOf(b)];
  const scale = Math.max(left.scale, right.scale);
  const grown = ({ digits, scale: own }: Scaled) => digits * 10n ** BigInt(scale - own);
  return textOf({ digits: grown(left) + grown(right), scale });
}
