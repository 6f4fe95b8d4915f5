const SPECIAL = /["\\]/g;

/**
 * Values as PostgreSQL reads an array of one dimension; null where there is none. The driver would quote every number, which
 * thousands of receipts a second notice.
 */
export function arrayLiteral(values: readonly (string | number | null)[]): string {
  let text = "{";
  for (const value of values) {
    if (text.length > 1) text += ",";
    if (typeof value === "string") text += `"${value.replace(SPECIAL, String.raw`\$&`)}"`;
    else text += value === null ? "NULL" : value;
  }
  return `${text}}`;
}
