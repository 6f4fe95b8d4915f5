/** A row of a file, with the number of the line that it begins in, from 1. */
export interface CsvRow {
  line: number;
  cells: readonly string[];
}

/** A file whose quotes do not close, so that it is not known where its cells end. */
export interface OpenQuote {
  openedInLine: number;
}

const DELIMITERS = [",", ";", "\t", "|"] as const;

/**
 * Reads comma-separated values (RFC 4180) with any of the usual delimiters: the one that the first lines have most of.
 * A quote within a cell that does not begin with one is a quote, as in `1/4" screw`. Rows without a text are left out.
 */
export function readCsv(text: string): readonly CsvRow[] | OpenQuote {
  const delimiter = delimiterOf(text);
  const rows: CsvRow[] = [];
  let cells: string[] = [];
  let line = 1;
  let rowLine = 1;
  let at = 0;
  const endRow = () => {
    if (cells.some((cell) => cell !== "")) rows.push({ line: rowLine, cells });
    cells = [];
    rowLine = line;
  };
  while (at < text.length) {
    let cell = "";
    if (text[at] === '"') {
      const openedInLine = line;
      const quoted = readQuoted(text, at + 1);
      if (!quoted) return { openedInLine };
      cell = quoted.cell;
      line += quoted.lines;
      at = quoted.end;
    }
    const end = endOfCell(text, at, delimiter);
    cells.push((cell + text.slice(at, end)).trim());
    at = end;
    if (text[at] === delimiter) {
      at += 1;
      // A delimiter at the very end has an empty cell behind it.
      if (at === text.length) cells.push("");
      continue;
    }
    if (text[at] === "\r" && text[at + 1] === "\n") at += 1;
    if (at < text.length) at += 1;
    line += 1;
    endRow();
  }
  endRow();
  return rows;
}

function readQuoted(text: string, from: number): { cell: string; end: number; lines: number } | undefined {
  let cell = "";
  for (let at = from; ;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return undefined;
    cell += text.slice(at, quote);
    if (text[quote + 1] !== '"') return { cell, end: quote + 1, lines: cell.split(/\r\n|\r|\n/).length - 1 };
    cell += '"';
    at = quote + 2;
  }
}

function endOfCell(text: string, from: number, delimiter: string): number {
  for (let at = from; at < text.length; at += 1) {
    const mark = text[at];
    if (mark === delimiter || mark === "\n" || mark === "\r") return at;
  }
  return text.length;
}

/** Lines that tell which delimiter a file has. */
const SAMPLED_LINES = 30;

function delimiterOf(text: string): string {
  const sample = text.split(/\r\n|\r|\n/, SAMPLED_LINES).map((line) => line.replace(/"[^"]*"/g, ""));
  const counts = DELIMITERS.map((mark) => Math.max(...sample.map((line) => line.split(mark).length)));
  return DELIMITERS[counts.indexOf(Math.max(...counts))] ?? ",";
}
