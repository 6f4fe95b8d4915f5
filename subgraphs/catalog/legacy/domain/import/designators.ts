/** A run of places, as KiCad writes one: `R3-R7`. */
const RUN = /^([A-Za-z_]+)(\d{1,6})-([A-Za-z_]*)(\d{1,6})$/;
const LONGEST_RUN = 20_000;

/**
 * The places in a text like `R1, R3-R7 C2`. What looks like a run is one place after all where only that fits the
 * quantity: some people call a switch `SW1-2`.
 */
export function designatorsIn(text: string, quantity?: string): string[] {
  const given = text.split(/[\s,;]+/).filter((place) => place !== "");
  const spread = given.flatMap(placesOf);
  return quantity === String(given.length) ? given : spread;
}

function placesOf(text: string): string[] {
  const [, prefix = "", from = "", again = "", to = ""] = RUN.exec(text) ?? [];
  const length = Number(to) - Number(from) + 1;
  if (prefix === "" || (again !== "" && again !== prefix) || length < 2 || length > LONGEST_RUN)
    return [text];
  return Array.from({ length }, (_, index) => `${prefix}${Number(from) + index}`);
}
