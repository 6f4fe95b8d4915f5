import { say } from "./command-line.ts";

/** Contenders, as docs/comparison.md calls them. */
const NAMES: Readonly<Record<string, string>> = {
  ours: "ours",
  oursNative: "ours with QUERY_PLANNER=native-only",
  oursApollo: "ours with QUERY_PLANNER=apollo",
  base: "ours, the other checkout",
  stock: "stock Apollo Gateway",
  hive: "Hive Gateway",
  hiveRust: "Hive Gateway, Rust planner",
  mercurius: "Mercurius, jit",
  proxy: "a proxy with the same fetches: the limit",
  static: "static bytes",
  limit: "the same calls and nothing else: the limit",
  bare: "a bare broadcast: the limit",
};
const WIDEST = Math.max(...Object.values(NAMES).map(({ length }) => length));

export const nameOf = (contender: string): string => NAMES[contender] ?? contender;

type Cell = string | number | undefined;

/** A table of contenders; what was not measured is a dash. */
export function sayTable(head: readonly string[], rows: Readonly<Record<string, readonly Cell[]>>): void {
  const line = (first: string, cells: readonly Cell[]) =>
    say(
      `| ${[first.padEnd(WIDEST), ...cells.map((cell, at) => String(cell ?? "–").padEnd(head[at]?.length ?? 0))].join(" | ")} |`,
    );
  line("", head);
  say(`|${[WIDEST, ...head.map(({ length }) => length)].map((width) => "-".repeat(width + 2)).join("|")}|`);
  for (const [contender, cells] of Object.entries(rows)) line(nameOf(contender), cells);
}

/** To two digits. */
export const rounded = (value: number): number => Math.round(value * 100) / 100;
