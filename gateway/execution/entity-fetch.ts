import type { IsOfType, Joins } from "../supergraph/joins.ts";
import { EqualEntities } from "./equal-entities.ts";
import type { Fault } from "./faults.ts";
import { copyOf, isJsonObject, type JsonObject } from "./json.ts";
import type { EntityFetch, EntityGroup, FetchNode, PlanPath } from "./plan.ts";
import { faultsOf, keysIn, lazily, merge, renamer, type Reported } from "./receive.ts";
import { compileRepresentation, type Representation } from "./representations.ts";
import { ask, compileRequest, malformed, type OwnVariables, type SubgraphAnswer } from "./request.ts";
import { applyRewrites, valuesAt } from "./rewrites.ts";
import type { Run, Step } from "./run.ts";

interface CompiledGroup extends EntityGroup {
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
interface Wanted {
  /** The distinct representations. */
  texts: string[];
  /** For each of them, the objects that it stands for. */
  targets: JsonObject[][];
  /** What the context that they stand in gives. */
  context: OwnVariables;
}

/** What is known of the plan and its supergraph. */
export type EntityJoins = Pick<Joins, "isOfType" | "keysOf">;

/** A fetch of entities as a function. */
export function entityStep(
  node: EntityFetch,
  { fetches, joins }: { fetches: readonly FetchNode[]; joins: EntityJoins },
): Step {
  const { subgraph } = node;
  const request = compileRequest(node);
  const groups = node.groups.map((group): CompiledGroup => ({
    ...group,
    subgraph,
    isOfType: joins.isOfType,
    representation: compileRepresentation({ ...group, subgraph, joins }),
    rename: renamer(group.renames),
    isTouchedLater: isTouchedByOthers(group, { node, fetches }),
    keys: lazily(() => keysIn(node.operation, group.alias)),
  }));
  const once = async (run: Run, wanted: readonly Wanted[]): Promise<void> => {
    if (wanted.every(({ texts }) => texts.length === 0)) return;
    const lists = groups.map(({ variable }, index) => ({
      variable,
      text: `[${wanted[index]?.texts.join(",") ?? ""}]`,
    }));
    const fromContext = wanted.flatMap(({ context }) => context);
    try {
      const answer = await ask(run, request, [...lists, ...fromContext]);
      receive(run, answer, { subgraph, groups, wanted });
    } catch (failure) {
      const fault = run.faults.outage(subgraph, failure);
      for (const [index, { keys }] of groups.entries())
        for (const target of wanted[index]?.targets.flat() ?? []) run.faults.miss(fault, target, keys());
    }
  };
  const [only] = groups;
  if (only && only.contextArguments.length > 0)
    return async (run) => {
      await Promise.all(inContexts(run, only).map((wanted) => once(run, [wanted])));
    };
  return (run) =>
    once(
      run,
      groups.map((group) => collectWanted(run, group)),
    );
}

/** What a context gives is the same for a whole request, so each different context is a request of its own. */
function inContexts(run: Run, group: CompiledGroup): Wanted[] {
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
  return [...contexts.values()].map(({ context, entities }) => ({
    ...wantedOf(run, entities, group),
    context,
  }));
}

function collectWanted(run: Run, group: CompiledGroup): Wanted {
  const entities: JsonObject[] = [];
  const visit = (entity: JsonObject) => void entities.push(entity);
  for (const path of group.paths) visitAt(run.data, 0, { path, isOfType: group.isOfType, visit });
  return wantedOf(run, entities, group);
}

/** Equal representations are sent once. */
function wantedOf(run: Run, entities: readonly JsonObject[], group: CompiledGroup): Wanted {
  const equal = new EqualEntities();
  for (const entity of entities) {
    // What failed is not sent for the null that stands in its place.
    const cause = run.faults.anyNoted ? causeOf(run, entity, group) : undefined;
    if (cause) run.faults.miss(cause, entity, group.keys());
    else equal.add(entity, group.representation);
  }
  return { texts: equal.texts, targets: equal.targets, context: [] };
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

/** Why an object lacks what another subgraph requires of it. */
function causeOf(
  run: Run,
  object: JsonObject,
  { requires, isOfType }: Pick<CompiledGroup, "requires" | "isOfType">,
): Fault | undefined {
  const causeIn = (value: unknown, inside: EntityGroup["requires"]): Fault | undefined => {
    if (isJsonObject(value)) return causeOf(run, value, { requires: inside, isOfType });
    if (!Array.isArray(value)) return undefined;
    return first(value.entries(), ([index, each]: [number, unknown]) =>
      each === null ? run.faults.causeOf(value, index) : causeIn(each, inside),
    );
  };
  return first(requires, (node) => {
    if (node.kind === "fragment")
      return isOfType(object["__typename"], node.type) ? causeIn(object, node.selections) : undefined;
    const value = object[node.key];
    if (value === undefined || value === null) return run.faults.causeOf(object, node.key);
    return node.selections && causeIn(value, node.selections);
  });
}

function first<T, R>(all: Iterable<T>, find: (each: T) => R | undefined): R | undefined {
  for (const each of all) {
    const found = find(each);
    if (found !== undefined) return found;
  }
  return undefined;
}

interface Received {
  subgraph: string;
  groups: readonly CompiledGroup[];
  wanted: readonly Wanted[];
}

function receive(run: Run, { data, errors }: SubgraphAnswer, { subgraph, groups, wanted }: Received): void {
  const faults = faultsOf(run, subgraph, errors);
  for (const [index, group] of groups.entries()) {
    const own = wanted[index];
    if (!own || own.texts.length === 0) continue;
    const entities = data?.[group.alias];
    const isComplete = Array.isArray(entities) && entities.length === own.texts.length;
    const unanswered = isComplete
      ? putEntities(run, entities, { group, own, faults })
      : new Set(own.texts.keys());
    placeFaults(run, unanswered, { group, own, faults });
    const cause = faults.find(({ path }) => typeof path?.[1] !== "number" || path[0] !== group.alias)?.fault;
    const why = (entity: JsonObject): Fault => {
      if (cause) return cause;
      if (isComplete) return unknownEntity(run, subgraph, entity);
      return run.faults.outage(subgraph, malformed(subgraph, "did not answer for each entity"));
    };
    for (const nth of unanswered)
      for (const target of own.targets[nth] ?? []) run.faults.miss(why(target), target, group.keys());
  }
}

interface Putting {
  group: CompiledGroup;
  own: Wanted;
  faults: readonly Reported[];
}

/** Puts each entity into all its places; gives the positions of those that did not come. */
function putEntities(run: Run, entities: readonly unknown[], { group, own, faults }: Putting): Set<number> {
  const unanswered = new Set<number>();
  const { subgraph, renames, isOfType, isTouchedLater } = group;
  for (const [nth, entity] of entities.entries()) {
    if (!isJsonObject(entity)) {
      unanswered.add(nth);
      continue;
    }
    if (renames.length > 0) applyRewrites(renames, entity, isOfType);
    for (const [place, target] of (own.targets[nth] ?? []).entries()) {
      const source = place > 0 && isTouchedLater ? copyOf(entity) : entity;
      merge(run, { subgraph, target, source, faults, isOfType });
    }
  }
  return unanswered;
}

/** Notes faults at the entities that the subgraph names; those are explained then. */
function placeFaults(run: Run, unanswered: Set<number>, { group, own, faults }: Putting): void {
  const explained = new Set<number>();
  for (const { fault, path } of faults) {
    const nth = path?.[0] === group.alias ? path[1] : undefined;
    if (typeof nth !== "number" || !path) continue;
    for (const target of own.targets[nth] ?? []) {
      if (unanswered.has(nth)) run.faults.miss(fault, target, group.keys());
      else run.faults.place(fault, target, path.slice(2).map(group.rename));
    }
    explained.add(nth);
  }
  for (const nth of explained) unanswered.delete(nth);
}

const unknownEntity = (run: Run, subgraph: string, { __typename: type }: JsonObject): Fault =>
  run.faults.shared(`The subgraph "${subgraph}" does not know this ${String(type)}`, {
    code: "NOT_FOUND",
    serviceName: subgraph,
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
