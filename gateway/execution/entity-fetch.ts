import {
  collectWanted,
  compileGroup,
  createRemainders,
  entitiesAt,
  inContexts,
  type Asking,
  type CompiledGroup,
  type KnownPlan,
  type Wanted,
} from "./entity-groups.ts";
import type { Fault } from "./faults.ts";
import { copyOf, isJsonObject, type JsonObject } from "./json.ts";
import type { EntityFetch } from "./plan.ts";
import { faultsOf, merge, unknownEntity, type Reported } from "./receive.ts";
import { ask, compileRequest, malformed, type OwnVariables, type SubgraphAnswer } from "./request.ts";
import { applyRewrites } from "./rewrites.ts";
import type { Run, Step } from "./run.ts";

/** A fetch of entities as a function. */
export function entityStep(node: EntityFetch, known: KnownPlan): Step {
  const request = compileRequest(node);
  const groups = node.groups.map((group) => compileGroup(group, { node, ...known }));
  const remainders = groups.map((group) => createRemainders(group, { node, joins: known.joins }));
  const [only] = groups;
  if (only && only.contextArguments.length > 0)
    return async (run) => {
      const inEach = inContexts(run, only).map(({ entities, context }) => {
        const { wanted, partial } = collectWanted(run, entities, { group: only, remainders: remainders[0] });
        return [{ request, groups, wanted: [{ ...wanted, context }] }, ...partial.map(inContext(context))];
      });
      await Promise.all(inEach.flat().map((asking) => once(run, asking)));
    };
  return async (run) => {
    const collected = groups.map((group, index) =>
      collectWanted(run, entitiesAt(run, group), { group, remainders: remainders[index] }),
    );
    const whole = { request, groups, wanted: collected.map(({ wanted }) => wanted) };
    const partial = collected.flatMap((each) => each.partial);
    if (partial.length === 0) await once(run, whole);
    else await Promise.all([whole, ...partial].map((asking) => once(run, asking)));
  };
}

const inContext =
  (context: OwnVariables) =>
  (asking: Asking): Asking => ({ ...asking, wanted: asking.wanted.map((each) => ({ ...each, context })) });

async function once(run: Run, { request, groups, wanted }: Asking): Promise<void> {
  if (wanted.every(({ texts }) => texts.length === 0)) return;
  const { subgraph } = request;
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
      if (isComplete) return unknownEntity(run, subgraph, entity["__typename"]);
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
