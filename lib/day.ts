/** How a day is written, for messages. */
export const DAY_ALLOWED = "a day like 2026-01-31";

/**
 * True for a day of the calendar as ISO 8601 writes it; dates take the 31st of February for one of March.
 *
 * @example isDay("2026-02-28"); // true; false for "2026-02-31", "2026-13-01" and "28.2.2026"
 */
export const isDay = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) &&
  !Number.isNaN(Date.parse(text)) &&
  new Date(text).toISOString().startsWith(text);
