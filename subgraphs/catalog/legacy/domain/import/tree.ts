import type { Cells } from "./line.ts";
import type { BillField } from "./columns.ts";
import type { BillTable } from "./table.ts";

/** A row with the rows of what it is made of. */
export interface Node {
  place: string;
  cells: Cells;
  /** Why it cannot be taken, whatever it says; absent from most. */
  refusal?: string;
  children: Node[];
}

/** Deepest level that is taken; sections and components come above it. */
export const LEVELS_MAX = 497;
/** Lines of one bill, also where a file of few rows says that parts are made of each other. */
export const LINES_MAX = 200_000;

/** The rows of a table as a tree: every row is in it, those that have no place with the reason. */
export function treeOf(table: BillTable): Node[] {
  const nodes = table.rows.map(({ place, cells }): Node => {
    const refusal = misshapen(cells, table);
    return { place, cells: cellsOf(cells, table), children: [], ...(refusal !== undefined && { refusal }) };
  });
  return table.columns.of.has("parent") ? byParent(nodes) : byLevel(nodes);
}

function misshapen(cells: readonly string[], { width, columns }: BillTable): string | undefined {
  if (cells.slice(width).some((cell) => cell !== ""))
    return `it has ${cells.length} cells where the header has ${width}: a comma outside of quotes?`;
  const excluded = columns.of.get("excluded");
  const isExcluded = excluded !== undefined && !/^(|0|no|false)$/i.test(cells[excluded] ?? "");
  return isExcluded ? "it is excluded from the bill" : undefined;
}

const cellsOf = (cells: readonly string[], { columns }: BillTable): Cells =>
  new Map(
    Array.from(columns.of, ([field, index]): [BillField, string] => [field, cells[index] ?? ""]).filter(
      ([, text]) => text !== "",
    ),
  );

const NUMBER = /^\.*\s*(\d{1,3})$/;
const DOTTED = /^\d+(\.\d+)+$/;

/** Rows below the last one that stands higher. */
function byLevel(nodes: readonly Node[]): Node[] {
  const { field, levelOf } = levelsOf(nodes);
  if (field === undefined) return [...nodes];
  const top = nodes.reduce((least, node) => Math.min(least, levelOf(node) ?? Infinity), Infinity);
  const roots: Node[] = [];
  const above: Placed[] = [];
  let lost: string | undefined;
  for (const node of nodes) {
    const level = levelOf(node);
    if (level === top) lost = undefined;
    if (level === undefined || lost !== undefined) {
      node.refusal ??= lost ?? `it has no level that is a number: ${JSON.stringify(node.cells.get(field))}`;
      // Whatever follows may be a part of it, or of something else.
      lost ??= `${node.place} above it has no level, so nobody knows what it is a part of`;
      roots.push(node);
      continue;
    }
    const parent = lastAbove(above, level);
    if (level > (parent ? parent.level + 1 : top))
      node.refusal ??= `it is of level ${level}, and no line of level ${level - 1} is above it`;
    (parent?.node.children ?? roots).push(node);
    above.push({ level, node });
  }
  return roots;
}

interface Placed {
  level: number;
  node: Node;
}

/** The last line that stands higher; those that do not are closed. */
function lastAbove(above: Placed[], level: number): Placed | undefined {
  while (above.length > 0 && (above.at(-1)?.level ?? 0) >= level) above.pop();
  return above.at(-1);
}

/** Where the levels are: numbers, or as many as a position like `1.2.1` has; nowhere in a bill of one level. */
function levelsOf(nodes: readonly Node[]) {
  const field = nodes.some(({ cells }) => cells.has("level")) ? "level" : "item";
  const isDotted = nodes.some(({ cells }) => DOTTED.test(cells.get(field) ?? ""));
  const levelOf = ({ cells }: Node): number | undefined => {
    const text = cells.get(field) ?? "";
    if (isDotted) return DOTTED.test(text) || /^\d+$/.test(text) ? text.split(".").length : undefined;
    const level = NUMBER.exec(text)?.[1];
    return level === undefined ? undefined : Number(level);
  };
  return { field: field === "item" && !isDotted ? undefined : (field as BillField), levelOf };
}

/** Rows below every part whose number they name; where no part has that number, it is the product's own. */
function byParent(nodes: readonly Node[]): Node[] {
  const numberOf = ({ cells }: Node) => cells.get("partNumber");
  const parentOf = ({ cells }: Node) => cells.get("parent") ?? "";
  const numbers = new Set(nodes.map(numberOf));
  const byNumber = Map.groupBy(nodes, parentOf);
  const reached = new Set<Node>();
  let lines = 0;
  const grown = (node: Node, line: ReadonlySet<string>): Node => {
    const number = numberOf(node);
    reached.add(node);
    lines += 1;
    if (number === undefined) return node;
    if (line.has(number)) return { ...node, refusal: `${number} would be a part of itself` };
    if (line.size >= LEVELS_MAX) return { ...node, refusal: `it is below level ${LEVELS_MAX}` };
    if (lines > LINES_MAX) return { ...node, refusal: `it comes after ${LINES_MAX} lines` };
    const inside = new Set(line).add(number);
    return { ...node, children: (byNumber.get(number) ?? []).map((child) => grown(child, inside)) };
  };
  const roots = nodes.filter((node) => !numbers.has(parentOf(node))).map((node) => grown(node, new Set()));
  const unreached = nodes
    .filter((node) => !reached.has(node))
    .map((node) => ({
      ...node,
      refusal: `no line that was read has ${parentOf(node)}: it is a part of itself, or too deep`,
    }));
  return [...roots, ...unreached];
}
