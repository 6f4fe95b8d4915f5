import { fetchesOf, type FetchNode, type Plan, type PlanNode } from "../../plan.ts";

/** The number of what is known before anything is fetched. */
export const BEGINNING = -1;

/** A fetch of a plan, with its number. */
export interface OrderedFetch {
  fetch: number;
  node: FetchNode;
  /** The fetches that are done when it begins. */
  before: ReadonlySet<number>;
  /** Those that may be done. */
  beside: ReadonlySet<number>;
}

interface Order {
  before: ReadonlySet<number>;
  beside: ReadonlySet<number>;
  /** What begins together with this part of the plan. */
  siblings: readonly number[];
}

/** The fetches of a plan, each after those that are done when it begins. */
export function inOrder({ trigger, node, deferred = new Map() }: Plan): OrderedFetch[] {
  const found: OrderedFetch[] = [];
  const add = (each: FetchNode, { before, beside }: Order): number[] => {
    const fetch = found.length;
    found.push({ fetch, node: each, before, beside });
    return [fetch];
  };
  const follow = (part: PlanNode, order: Order): number[] => {
    if (!("nodes" in part)) return add(part, order);
    if (part.kind === "parallel") {
      const counts = part.nodes.map((each) => fetchesOf(each).length);
      const first = found.length;
      const all = Array.from(
        { length: counts.reduce((sum, count) => sum + count, 0) },
        (_, nth) => first + nth,
      );
      return part.nodes.flatMap((each, index) => {
        const own = found.length;
        const end = own + (counts[index] ?? 0);
        const others = all.filter((fetch) => fetch < own || fetch >= end);
        return follow(each, { ...order, siblings: [...order.siblings, ...others] });
      });
    }
    const done: number[] = [];
    let { beside } = order;
    for (const each of part.nodes) {
      done.push(...follow(each, { ...order, before: new Set([...order.before, ...done]), beside }));
      // What is first in a branch begins before anything beside it has come; what follows may not.
      beside = new Set([...order.beside, ...order.siblings]);
    }
    return done;
  };
  const start: Order = { before: new Set([BEGINNING]), beside: new Set(), siblings: [] };
  const opened = trigger ? add(trigger, start) : [];
  const done = [BEGINNING, ...opened];
  // A part that is deferred begins when that around it is there, which stands before it.
  for (const part of [node, ...deferred.values()])
    if (part) done.push(...follow(part, { ...start, before: new Set(done) }));
  return found;
}
