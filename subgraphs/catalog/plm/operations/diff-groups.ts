import type { Clock } from "../../../../lib/clock.ts";
import { badInput, CodedError } from "../../../../lib/errors.ts";
import { checkedText } from "../../../kit/checked-input.ts";
import { connectionOf, numberedPage, type Connection, type PageArguments } from "../../../kit/pagination.ts";
import { isAnything, type DiffFilter, type DiffGrouping } from "../domain/diff-filter.ts";
import type { ShadowDiffs } from "../ports.ts";
import { requireText, type Asker } from "./modes.ts";
import type { DiffClassification, DiffGroup } from "./ports.ts";

const TEXTS = ["modelCode", "place", "field", "search"] as const;
const TEXT_MAX = 200;
const VALUES = ["mrp", "plm"] as const;
/** Values are kept as the systems say them. */
const VALUE_MAX = 10_000;

/** A filter within its bounds. @throws CodedError BAD_USER_INPUT naming the member */
export function checkedFilter(filter: DiffFilter | null | undefined): DiffFilter {
  if (!filter) return {};
  for (const name of TEXTS) {
    const text = filter[name];
    if (typeof text === "string") checkedText(`filter.${name}`, text, { max: TEXT_MAX });
  }
  for (const name of VALUES) {
    const value = filter[name];
    if (typeof value === "string" && value.length > VALUE_MAX)
      throw badInput(`filter.${name}`, value, `at most ${VALUE_MAX} characters`);
  }
  return filter;
}

type GroupsInput = PageArguments & { by: DiffGrouping; filter?: DiffFilter | null | undefined };

/**
 * A page of differences, gathered by what they have in common.
 *
 * @throws CodedError BAD_USER_INPUT for a bad page or a bad filter
 */
export async function groupShadowDiffs(
  diffs: ShadowDiffs,
  { by, filter, ...args }: GroupsInput,
): Promise<Connection<DiffGroup>> {
  const page = numberedPage(args);
  const from = page.after === undefined ? 0 : Number(page.after);
  const { items, totalCount } = await diffs.groups({
    by,
    filter: checkedFilter(filter),
    first: page.first,
    from,
  });
  const numbered = items.map((group, index) => ({ group, number: from + index + 1 }));
  const { edges, ...rest } = connectionOf(numbered, page, {
    key: ({ number }) => String(number),
    totalCount,
  });
  return { ...rest, edges: edges.map(({ node, cursor }) => ({ node: node.group, cursor })) };
}

interface AcknowledgeAllInput {
  filter: DiffFilter;
  classification: DiffClassification;
  note?: string | null | undefined;
  expectedCount: number;
}

const AT_ONCE = 10_000;

/**
 * Says what all differences mean that a filter finds; answers how many those were.
 *
 * @throws CodedError BAD_USER_INPUT for a filter that finds everything or a count above 10,000, CONFLICT when there are more or
 *   fewer by now than the caller has seen: nobody classifies what they have not seen
 */
export async function acknowledgeShadowDiffs(
  ports: { diffs: ShadowDiffs; clock: Clock },
  { filter, classification, note, expectedCount }: AcknowledgeAllInput,
  actor: Asker,
): Promise<number> {
  if (isAnything(filter)) throw badInput("filter", filter, "at least one member");
  const checked = checkedFilter(filter);
  if (!Number.isInteger(expectedCount) || expectedCount < 1 || expectedCount > AT_ONCE)
    throw badInput("expectedCount", expectedCount, `1 to ${AT_ONCE}; narrow the filter for fewer at a time`);
  const words = note === null || note === undefined ? null : requireText("note", note);
  const acknowledgement = { classification, note: words, by: actor.subject, at: ports.clock.now() };
  const found = await ports.diffs.acknowledgeAll({ filter: checked, expectedCount }, acknowledgement);
  if (found === expectedCount) return found;
  const message = `${found} differences are meant by now, not ${expectedCount}: look at them again`;
  throw new CodedError("CONFLICT", message);
}
