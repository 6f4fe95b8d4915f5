import type { IsOfType, Joins } from "../supergraph/joins.ts";
import { EqualEntities } from "./equal-entities.ts";
import { isJsonObject, type JsonObject } from "./json.ts";
import { lostInputs, remainderOf, type LostInputs, type Remainder } from "./lost-inputs.ts";
import type { EntityFetch, EntityGroup, FetchNode, PlanPath } from "./plan.ts";
import { keysIn, lazily, renamer } from "./receive.ts";
import { compileRepresentation, type Representation } from "./representations.ts";
import { compileRequest, type OwnVariables, type RequestWriter } from "./request.ts";
import { valuesAt } from "./rewrites.ts";
import type { Run } from "./run.ts";

export interface CompiledGroup extends EntityGroup {
  subgraph: string;
  isOfType: IsOfType;
  representation: Representation;
  rename: (step: string | number) => string | number;
  /** Whether another fetch writes into what this one brings, so that places must not share it. */
  isTouchedLater: boolean;
  /** The names of what its entities get. */
  keys: () => ReadonlySet<string>;
}

/** The entities of a group that are asked for. */
export interface Wanted {
  /** The distinct representations. */
  texts: string[];
  /** For each of them, the objects that it stands for. */
  targets: JsonObject[][];
  /** What the context that they stand in gives. */
  context: OwnVariables;
}

/** What is known of the plan and its supergraph. */
export type EntityJoins = Pick<Joins, "isOfType" | "keysOf" | "requiredBy">;

export interface KnownPlan {
  fetches: readonly FetchNode[];
  joins: EntityJoins;
}

/** What is asked of a subgraph, with the entities that it is asked about. */
export interface Asking {
  request: RequestWriter;
  groups: readonly CompiledGroup[];
  wanted: readonly Wanted[];
}

export const compileGroup = (
  group: EntityGroup,
  { node, fetches, joins }: KnownPlan & { node: EntityFetch },
): CompiledGroup => ({
  ...group,
  subgraph: node.subgraph,
  isOfType: joins.isOfType,
  representation: compileRepresentation({ ...group, subgraph: node.subgraph, joins }),
  rename: renamer(group.renames),
  isTouchedLater: isTouchedByOthers(group, { node, fetches }),
  keys: lazily(() => keysIn(node.operation, group.alias)),
});

/**
 * Whether another fetch may write into the objects that this one brings: one below its place. The first of all is done
 * by then.
 */
const isTouchedByOthers = (
  group: EntityGroup,
  { node, fetches }: { node: EntityFetch; fetches: readonly FetchNode[] },
) =>
  group.paths.length > 1 ||
  fetches.some(
    (other) =>
      other !== node &&
      other.kind === "entities" &&
      other.groups.some(({ paths }) =>
        paths.some((path) => group.paths.some((own) => startsWith(path, own) || startsWith(own, path))),
      ),
  );

const startsWith = (path: PlanPath, prefix: PlanPath) =>
  prefix.every((step, index) => JSON.stringify(path[index]) === JSON.stringify(step));

/** What a context gives is the same for a whole request, so each different context is a request of its own. */
export function inContexts(run: Run, group: CompiledGroup) {
  const contexts = new Map<string, { context: OwnVariables; entities: JsonObject[] }>();
  const collect = (entity: JsonObject, parents: readonly JsonObject[]): void => {
    const context = group.contextArguments.map(({ up, path, variable }) => {
      const values = valuesAt(parents[parents.length - up], path, group.isOfType);
      return { variable, text: JSON.stringify(values[0] ?? null) };
    });
    const key = JSON.stringify(context);
    const known = contexts.get(key) ?? { context, entities: [] };
    contexts.set(key, known);
    known.entities.push(entity);
  };
  for (const path of group.paths)
    visitAt(run.data, 0, { path, isOfType: group.isOfType, visit: collect, parents: [] });
  return [...contexts.values()];
}

export function entitiesAt(run: Run, group: CompiledGroup): JsonObject[] {
  const entities: JsonObject[] = [];
  const visit = (entity: JsonObject) => void entities.push(entity);
  for (const path of group.paths) visitAt(run.data, 0, { path, isOfType: group.isOfType, visit });
  return entities;
}

interface Collected {
  /** The entities that are whole. */
  wanted: Wanted;
  /** Requests for those that lack something, one for each kind of lack. */
  partial: readonly Asking[];
}

/** What is sent of entities; equal representations are sent once. */
export function collectWanted(
  run: Run,
  entities: readonly JsonObject[],
  { group, remainders }: { group: CompiledGroup; remainders: Remainders | undefined },
): Collected {
  const equal = new EqualEntities();
  const lacking = new Map<CompiledRemainder, EqualEntities>();
  for (const entity of entities) {
    const lost = lostInputs(run, entity, group);
    if (!lost) {
      equal.add(entity, group.representation);
      continue;
    }
    const remainder = remainders?.without(lost);
    const rest = remainder?.rest;
    if (!rest || typeof rest.group.representation.represent(entity) !== "string") {
      for (const fault of lost.values()) run.faults.miss(fault, entity, group.keys());
      continue;
    }
    for (const [name, keys] of remainder.dropped) {
      const fault = lost.get(name);
      if (fault) run.faults.miss(fault, entity, keys);
    }
    const others = lacking.get(remainder) ?? new EqualEntities();
    lacking.set(remainder, others);
    others.add(entity, rest.group.representation);
  }
  return {
    wanted: wantedOf(equal),
    partial: [...lacking].flatMap(([{ rest }, others]) =>
      rest ? [{ request: rest.request, groups: [rest.group], wanted: [wantedOf(others)] }] : [],
    ),
  };
}

const wantedOf = ({ texts, targets }: EqualEntities): Wanted => ({ texts, targets, context: [] });

interface CompiledRemainder extends Pick<Remainder, "dropped"> {
  rest: { request: RequestWriter; group: CompiledGroup } | undefined;
}

/** The requests of a group for entities without some inputs, made when they are needed. */
interface Remainders {
  without: (lost: LostInputs) => CompiledRemainder;
}

/** Kinds of lack that are kept for a group: more come only of a subgraph that fails in many ways. */
const MOST_REMAINDERS = 16;

export function createRemainders(
  group: CompiledGroup,
  { node, joins }: { node: EntityFetch; joins: EntityJoins },
): Remainders {
  const made = new Map<string, CompiledRemainder>();
  const make = (lost: LostInputs): CompiledRemainder => {
    const { node: own, dropped } = remainderOf(node, group, { lost, joins });
    const [rest] = own?.groups ?? [];
    if (!own || !rest) return { rest: undefined, dropped };
    const compiled = compileGroup(rest, { node: own, fetches: [], joins });
    const { isTouchedLater } = group;
    return { rest: { request: compileRequest(own), group: { ...compiled, isTouchedLater } }, dropped };
  };
  return {
    without: (lost) => {
      const names = [...lost.keys()].toSorted().join(" ");
      const known = made.get(names) ?? make(lost);
      if (made.size < MOST_REMAINDERS) made.set(names, known);
      return known;
    },
  };
}

interface Visiting {
  path: PlanPath;
  isOfType: IsOfType;
  visit: (entity: JsonObject, parents: readonly JsonObject[]) => void;
  /** The objects that the visitor has come through, for whoever wants to know. */
  parents?: readonly JsonObject[];
}

/** Visits the objects at a path; nothing below a null. */
function visitAt(value: unknown, depth: number, visiting: Visiting): void {
  const step = visiting.path[depth];
  if (Array.isArray(value)) {
    // Not every planner names the lists inside a list.
    for (const element of value) visitAt(element, step === "@" ? depth + 1 : depth, visiting);
    return;
  }
  if (step === "@" || !isJsonObject(value)) return;
  const { parents, isOfType } = visiting;
  if (step === undefined) visiting.visit(value, parents ?? []);
  else if (typeof step !== "string") {
    if (step.types.some((type) => isOfType(value["__typename"], type))) visitAt(value, depth + 1, visiting);
  } else visitAt(value[step], depth + 1, parents ? { ...visiting, parents: [...parents, value] } : visiting);
}
