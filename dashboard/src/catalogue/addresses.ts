/** Where a model is, or one view of it. */
export function modelPath(id: string, more: Readonly<Record<string, string | undefined>> = {}): string {
  const given = Object.entries(more).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const query = new URLSearchParams(given).toString();
  return `/models/${encodeURIComponent(id)}${query && `?${query}`}`;
}

/** Where the uses of a part are. */
export const partPath = (partNumber: string): string =>
  `/parts?${new URLSearchParams({ q: partNumber }).toString()}`;

/** Units that people know better by another name. */
const UNITS: Readonly<Record<string, string>> = { C62: "×", MTR: "m", KGM: "kg", LTR: "l", MTK: "m²" };

/** A quantity as people say it. */
export const quantityText = ({ value, unit }: { value: string; unit: string }): string =>
  `${value} ${UNITS[unit] ?? unit}`;
