import { badInput, notFound } from "../../../../lib/errors.ts";
import { checkedText } from "../../../kit/checked-input.ts";
import { type Connection, connectionOf, pageRequest } from "../../../kit/pagination.ts";
import { type FlatLine, type PartTotal, eachLine, lineCount, partTotals } from "../domain/bom.ts";
import type { ModelConfiguration } from "../domain/configuration.ts";
import type { Provenance } from "../domain/provenance.ts";

/** A bill of materials of a model or one of its trims, at a moment. */
export interface BomView {
  modelId: string;
  trimId: string | null;
  trimCode: string | null;
  revision: number | null;
  asOf: Date;
  /** The only day whose parts are shown, like `2026-01-31`; null for all. */
  effectiveOn: string | null;
  configuration: ModelConfiguration;
  provenance: Provenance;
}

export interface PageInput {
  first?: number | null | undefined;
  after?: string | null | undefined;
}

/** Every line of it. */
export const linesOf = ({ configuration, trimCode, effectiveOn: day }: BomView) =>
  eachLine(configuration, { trimCode, day });

const lineCounts = new WeakMap<ModelConfiguration, Map<string, number>>();

/**
 * A page of the lines, parents before children; with a text, of those that have it.
 *
 * @throws CodedError BAD_USER_INPUT for a bad page or an endless text
 */
export function pageOfLines(
  bom: BomView,
  { search, ...input }: PageInput & { search?: string | null | undefined },
): Connection<FlatLine> {
  if (typeof search === "string") {
    const text = checkedText("search", search, { max: SEARCH_MAX }).trim().toLowerCase();
    const found = [...linesOf(bom)].filter((line) => says(line, text));
    return pageByPosition(input, found.length, (from, count) => found.slice(from, from + count));
  }
  const counts = lineCounts.get(bom.configuration) ?? new Map<string, number>();
  lineCounts.set(bom.configuration, counts);
  const scope = JSON.stringify([bom.trimCode, bom.effectiveOn]);
  const { configuration, trimCode, effectiveOn: day } = bom;
  const totalCount = counts.get(scope) ?? lineCount(configuration, { trimCode, day });
  counts.set(scope, totalCount);
  return pageByPosition(input, totalCount, (from, count) =>
    firstOf(eachLine(configuration, { trimCode, day }, from), count),
  );
}

const SEARCH_MAX = 200;

const says = ({ code, name, partNumber, details }: FlatLine, text: string): boolean =>
  [code, name, partNumber ?? "", ...details.designators].some((each) => each.toLowerCase().includes(text));

type ChildEdge = Connection<FlatLine>["edges"][number] & { childCount: number };

interface ChildrenInput extends PageInput {
  parentPath?: string | null | undefined;
}

const PATH_MAX = 2_000;

/**
 * A page of the lines right below one, or of the sections, each with how many lines are right below it.
 *
 * @throws CodedError BAD_USER_INPUT for a bad page or an endless path, NOT_FOUND for a line that the bill does not have
 */
export function pageOfChildren(
  bom: BomView,
  { parentPath = null, ...input }: ChildrenInput,
): Omit<Connection<FlatLine>, "edges"> & { edges: ChildEdge[] } {
  if (parentPath !== null) checkedText("parentPath", parentPath, { max: PATH_MAX });
  const children: FlatLine[] = [];
  const counts = new Map<string, number>();
  let isKnown = parentPath === null;
  for (const line of linesOf(bom)) {
    if (line.path === parentPath) isKnown = true;
    if (line.parentPath === parentPath) children.push(line);
    else if (line.parentPath !== null) counts.set(line.parentPath, (counts.get(line.parentPath) ?? 0) + 1);
  }
  if (!isKnown) throw notFound("A line of this bill with the path", parentPath ?? "");
  const page = pageByPosition(input, children.length, (from, count) => children.slice(from, from + count));
  return {
    ...page,
    edges: page.edges.map((edge) => ({ ...edge, childCount: counts.get(edge.node.path) ?? 0 })),
  };
}

/** So many items; what comes behind them is not worked out. */
function firstOf<T>(items: Iterable<T>, count: number): T[] {
  const first: T[] = [];
  for (const item of items) {
    first.push(item);
    if (first.length >= count) break;
  }
  return first;
}

/** A page of how much of each part is needed, over all levels, by part number. */
export function pageOfTotals(bom: BomView, input: PageInput): Connection<PartTotal> {
  const totals = partTotals(linesOf(bom)).sort((a, b) => (a.partNumber < b.partNumber ? -1 : 1));
  return pageByPosition(input, totals.length, (from, count) => totals.slice(from, from + count));
}

const PAGE_SIZE_DEFAULT = 20;
/** Larger than other pages: bills of materials have tens of thousands of lines. */
const PAGE_SIZE_MAX = 1_000;

/** Pages of what does not change between them: a cursor is a position. */
export function pageByPosition<T>(
  input: PageInput,
  totalCount: number,
  read: (from: number, count: number) => readonly T[],
): Connection<T> {
  const first = input.first ?? PAGE_SIZE_DEFAULT;
  if (!Number.isInteger(first) || first < 1 || first > PAGE_SIZE_MAX)
    throw badInput("first", input.first, `an integer from 1 to ${PAGE_SIZE_MAX}`);
  const page = { ...pageRequest({ after: input.after }), first };
  const { after } = page;
  if (after !== undefined && !/^\d{1,9}$/.test(after))
    throw badInput("after", input.after, "a cursor of this list");
  const from = after === undefined ? 0 : Number(after) + 1;
  const items = read(from, page.first + 1).map((item, index) => ({ item, index: from + index }));
  const { edges, ...rest } = connectionOf(items, page, { key: ({ index }) => String(index), totalCount });
  return { ...rest, edges: edges.map(({ node, cursor }) => ({ node: node.item, cursor })) };
}
