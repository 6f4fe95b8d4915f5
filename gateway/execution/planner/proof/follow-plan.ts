import { Kind, parse, type DocumentNode, type SelectionSetNode } from "graphql";
import { fragmentsOf } from "../../decided.ts";
import type { EntityGroup, Plan, PlanPath } from "../../plan.ts";
import { NO_INPUTS, RequestFollower, type Looking, type PlanContext } from "./follow-request.ts";
import { isSent, knownIn, namesAt, responseName, satisfies } from "./knowledge.ts";
import type { Known, Moment, Place } from "./knowledge.ts";
import { BEGINNING, inOrder, type OrderedFetch } from "./plan-order.ts";
import { Problem } from "./problem.ts";
import { checkRequest } from "./request-check.ts";

/** An object at a path. */
interface Found {
  type: string;
  known: Known;
  /** Whether it is there in any case, and not only when another fetch was faster. */
  isCertain: boolean;
}

/**
 * Follows a plan without executing it.
 *
 * @returns what is known in the end of every object that may be there, and from which field of which subgraph
 * @throws Problem for what no subgraph may be asked, and for what cannot be followed
 */
export function followPlan(plan: Plan, rootType: string, context: PlanContext): Place {
  const follower = new PlanFollower(inOrder(plan), rootType, context);
  return follower.follow();
}

class PlanFollower {
  readonly #root: Place = new Map();
  readonly #context: PlanContext;
  readonly #rootType: string;
  readonly #fetches: readonly OrderedFetch[];
  readonly #requests: RequestFollower;

  constructor(fetches: readonly OrderedFetch[], rootType: string, context: PlanContext) {
    this.#fetches = fetches;
    this.#rootType = rootType;
    this.#context = context;
    this.#requests = new RequestFollower(context);
  }

  follow(): Place {
    const type = this.#rootType;
    const known = knownIn(this.#root, type);
    known.names.push({ fetch: BEGINNING, name: type });
    for (const ordered of this.#fetches) {
      const { fetch, node } = ordered;
      const document = parse(node.operation, { noLocation: true });
      const fragments = fragmentsOf(document);
      const looking = { fetch, subgraph: node.subgraph, fragments, renames: [], provided: [] };
      checkRequest(document, { ...looking, views: this.#context.views, rootType: type });
      const set = operationIn(document);
      if (node.kind === "fetch") {
        const asked = { type, name: type, known, hasInputs: NO_INPUTS, isCertain: true };
        this.#requests.follow(asked, [set], { ...looking, renames: node.renames });
      } else
        for (const group of node.groups) this.#group(group, ordered, { looking, sets: setsAt(set, group) });
    }
    return this.#root;
  }

  #group(
    group: EntityGroup,
    ordered: OrderedFetch,
    request: { looking: Looking; sets: readonly SelectionSetNode[] },
  ): void {
    const asked = new Set<Known>();
    for (const path of group.paths)
      for (const found of this.#at(path, ordered)) {
        // One object may stand at two paths, as through an interface and an implementation.
        if (asked.has(found.known)) continue;
        asked.add(found.known);
        this.#entity(found, { group, ordered, ...request });
      }
  }

  #entity(
    { type, known, isCertain }: Found,
    {
      group,
      ordered,
      looking,
      sets,
    }: { group: EntityGroup; ordered: OrderedFetch; looking: Looking; sets: readonly SelectionSetNode[] },
  ): void {
    const { views } = this.#context;
    const { subgraph } = looking;
    const { requires: sent, renames } = group;
    const moment = this.#moment(ordered, isCertain);
    const names = new Set(namesAt(known, moment).map((each) => this.#sentName(each, group)));
    if (names.size !== 1) throw new Problem(`the type of a ${type} is not certain`);
    const [name] = names;
    if (name === undefined) return;
    const keys = views.keysOf(subgraph, name);
    const has = (set: SelectionSetNode, at: Moment) => satisfies(set, { type, known, sent }, at);
    const hasKey = keys.some((key) => has(key, moment));
    // The key may come in time; whatever brings it has to bring what is required, too.
    const later = hasKey ? [] : this.#lateMoments(ordered);
    const late = later.filter((at) => keys.some((key) => has(key, at)));
    if (!hasKey && late.length === 0) {
      if ([moment, ...later].some((at) => keys.some((key) => isSent(key, { known, sent }, at))))
        throw new Problem(`a ${type} is asked for by something else than its key`);
      return;
    }
    const hasInputs = (requires: SelectionSetNode) =>
      hasKey ? has(requires, moment) : late.every((at) => has(requires, at));
    const possible = views.possible(subgraph, name).find((each) => each.type === type);
    if (!possible) throw new Problem(`${subgraph} knows no ${type} as a ${name}`);
    const asked = { ...possible, known, hasInputs, isCertain: isCertain && hasKey };
    this.#requests.follow(asked, sets, { ...looking, renames });
  }

  /** The type that an object is sent as; undefined when it is not sent. */
  #sentName(name: string | undefined, { requires, inputRewrites }: EntityGroup): string | undefined {
    const { isOfType } = this.#context;
    const isNamed = requires.some(
      (each) =>
        each.kind === "fragment" &&
        isOfType(name, each.type) &&
        each.selections.some((field) => field.kind === "field" && field.sentAs === "__typename"),
    );
    if (!isNamed) return undefined;
    let sent = name;
    for (const rewrite of inputRewrites) {
      if (rewrite.key !== "__typename" || rewrite.kind !== "set")
        throw new Problem("a representation is rewritten");
      const isMeant = rewrite.path.every(
        (step) => typeof step === "object" && step.types.some((type) => isOfType(sent, type)),
      );
      if (isMeant) sent = String(rewrite.value);
    }
    return sent;
  }

  /** The objects at a path that are there when a fetch begins, or may be. */
  #at(path: PlanPath, ordered: OrderedFetch): Found[] {
    const { isOfType } = this.#context;
    let found = [...this.#root].map(([type, known]): Found => ({ type, known, isCertain: true }));
    for (const step of path) {
      if (step === "@") continue;
      if (typeof step === "string") found = found.flatMap((each) => below(each, step, ordered));
      else
        found = found.filter(({ known, isCertain }) => {
          const names = namesAt(known, this.#moment(ordered, isCertain));
          const fits = new Set(names.map((name) => step.types.some((type) => isOfType(name, type))));
          if (fits.size > 1) throw new Problem("the type of an object is not certain");
          return fits.has(true);
        });
    }
    return found;
  }

  /** An object that may not be there yet comes with all that is fetched with it. */
  #moment({ before, beside }: OrderedFetch, isCertain: boolean): Moment {
    const { isOfType } = this.#context;
    if (isCertain)
      return { isBefore: (other) => before.has(other), isBeside: (other) => beside.has(other), isOfType };
    const isBefore = (other: number) => before.has(other) || beside.has(other);
    return { isBefore, isBeside: () => false, isOfType };
  }

  /** What may be known besides: what one of the fetches brings that may be done, and all of them. */
  #lateMoments(ordered: OrderedFetch): Moment[] {
    const all = this.#moment(ordered, false);
    const each = [...ordered.beside].map((fetch): Moment => {
      const its = this.#fetches[fetch]?.before;
      const isBefore = (other: number) =>
        other === fetch || ordered.before.has(other) || its?.has(other) === true;
      return { ...all, isBefore };
    });
    return each.length > 1 ? [...each, all] : each;
  }
}

function below({ known, isCertain }: Found, key: string, { before, beside }: OrderedFetch): Found[] {
  const entry = known.entries.get(key);
  if (!entry) return [];
  const isThere = entry.sources.some((source) => source.isCertain && before.has(source.fetch));
  const mayBeThere = entry.sources.some(({ fetch }) => before.has(fetch) || beside.has(fetch));
  if (!mayBeThere) return [];
  return [...entry.below].map(([type, inner]) => ({ type, known: inner, isCertain: isCertain && isThere }));
}

/** What is selected of the entities of a group. */
const setsAt = ({ selections }: SelectionSetNode, { alias }: EntityGroup): SelectionSetNode[] =>
  selections.flatMap((each) =>
    each.kind === Kind.FIELD && responseName(each) === alias && each.selectionSet ? [each.selectionSet] : [],
  );

function operationIn({ definitions }: DocumentNode): SelectionSetNode {
  const found = definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
  if (!found) throw new Problem("a request without an operation");
  return found.selectionSet;
}
