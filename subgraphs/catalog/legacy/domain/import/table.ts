import { columnsOf, isHeader, type BillField, type Columns } from "./columns.ts";
import type { CsvRow } from "./csv.ts";

/** Something of a file that was not taken. */
export interface Refusal {
  /** Where it is, like `line 12` or `R5`. */
  place: string;
  reason: string;
}

/** A bill of materials as rows, before anything in it is believed. */
export interface BillTable {
  columns: Columns;
  /** As many cells as a row may have. */
  width: number;
  rows: readonly { place: string; cells: readonly string[] }[];
  refused: readonly Refusal[];
}

/** The header is looked for in so many rows. */
const PREAMBLE_MAX = 40;
/** Behind it KiCad's older scripts list once more, by part, what they listed before by place. */
const COLLATED = /^collated components:?$/i;

/** The table in a file; undefined when no row of the first forty is the header of one. */
export function tableOf(
  rows: readonly CsvRow[],
  chosen: ReadonlyMap<BillField, string>,
): BillTable | undefined {
  const collated = rows.findIndex(({ cells }) => COLLATED.test(cells[0] ?? ""));
  const header = rows.findIndex(
    ({ cells }, index) =>
      index > collated && index <= collated + PREAMBLE_MAX && isHeader(columnsOf(cells, chosen)),
  );
  const head = rows[header];
  if (!head) return undefined;
  const reason = collated >= 0 ? "it comes before the list by part" : "it comes before the header";
  return {
    columns: columnsOf(head.cells, chosen),
    width: head.cells.length,
    rows: rows.slice(header + 1).map(({ line, cells }) => ({ place: `line ${line}`, cells })),
    refused: rows.slice(0, header).map(({ line }) => ({ place: `line ${line}`, reason })),
  };
}
