import { MARK_NAMES, type Chart } from "./series.ts";

/** Text that a spreadsheet would take for a formula is marked as text, and quoted where it has to be. */
export function cell(value: string | number | null): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** What a chart shows, a row for each of its moments, with what happened since the one before. Times are in UTC. */
export function csvOf({ times, lines, band, marks = [], span }: Chart): string {
  const columns = [
    ...lines.map(({ name, values }) => ({ name, values })),
    ...(band
      ? [
          { name: `${band.name}, at least`, values: band.low },
          { name: `${band.name}, at most`, values: band.high },
        ]
      : []),
  ];
  const [from, to] = span;
  const shown = times.flatMap((time, index) => (time >= from && time <= to ? [{ time, index }] : []));
  const rows = shown.map(({ time, index }, position) => {
    const since = position === 0 ? from : (shown[position - 1]?.time ?? from);
    const isNew = (at: number) => (position === 0 ? at <= time : at > since && at <= time);
    const happened = marks
      .filter((mark) => isNew(mark.from))
      .map(({ kind, text }) => `${MARK_NAMES[kind]}: ${text}`);
    return [
      new Date(time * 1000).toISOString(),
      ...columns.map(({ values }) => values[index] ?? null),
      happened.join("; "),
    ];
  });
  const head = ["Time (UTC)", ...columns.map(({ name }) => name), "Events"];
  return tableOf([head, ...rows]);
}

/** Rows as a file of CSV has them; the first has the names of the columns. */
export const tableOf = (rows: readonly (readonly (string | number | null)[])[]): string =>
  rows.map((row) => row.map(cell).join(",")).join("\r\n");
