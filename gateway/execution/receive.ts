import { Kind, parse, type FieldNode, type SelectionSetNode } from "graphql";
import type { IsOfType } from "../supergraph/joins.ts";
import type { Path } from "./payload.ts";
import type { Fault } from "./faults.ts";
import { isJsonObject, mergeInto, type JsonObject } from "./json.ts";
import type { Rewrite, RootFetch } from "./plan.ts";
import { malformed, type SubgraphAnswer, type SubgraphError } from "./request.ts";
import { applyRewrites } from "./rewrites.ts";
import type { Run } from "./run.ts";

/** What is known beforehand of what a fetch brings. */
export interface Receiving {
  subgraph: string;
  /** The names of what it brings of its root or of its entities. */
  keys: () => ReadonlySet<string>;
  renames: readonly Rewrite[];
  isOfType: IsOfType;
}

/** Merges the root fields that a subgraph gave, and notes what it says went wrong. */
export function receiveRoot(run: Run, { data, errors }: SubgraphAnswer, receiving: Receiving): void {
  const { subgraph, keys, renames, isOfType } = receiving;
  const faults = faultsOf(run, subgraph, errors);
  if (data) {
    applyRewrites(renames, data, isOfType);
    merge(run, { subgraph, target: run.data, source: data, faults, isOfType });
  }
  const rename = renamer(renames);
  for (const { fault, path } of faults) {
    if (!data) run.faults.miss(fault, run.data, keys());
    else if (path) run.faults.place(fault, run.data, path.map(rename));
  }
}

/** An event as if it had been fetched. */
export const receiveEvent = (
  run: Run,
  answer: SubgraphAnswer,
  trigger: RootFetch & Pick<Receiving, "isOfType">,
): void => receiveRoot(run, answer, { ...trigger, keys: () => keysIn(trigger.operation) });

/** A fault with the way to it that the subgraph named. */
export interface Reported {
  fault: Fault;
  path: Path | undefined;
}

/** Notes what a subgraph says went wrong. */
export const faultsOf = (run: Run, subgraph: string, errors: readonly SubgraphError[]): Reported[] =>
  errors.map(({ message, extensions, path }) => {
    const text =
      typeof message === "string" && message !== "" ? message : `The subgraph "${subgraph}" failed`;
    const own = { ...(isJsonObject(extensions) && extensions), serviceName: subgraph };
    return { fault: run.faults.add(text, own), path: isPath(path) ? path : undefined };
  });

export const isPath = (path: unknown): path is Path =>
  Array.isArray(path) && path.every((step) => typeof step === "string" || typeof step === "number");

/** Merges what a subgraph gave into an object. Where it gave something else than another one, its part is missing. */
export function merge(
  run: Run,
  {
    subgraph,
    target,
    source,
    faults,
    isOfType,
  }: {
    subgraph: string;
    target: JsonObject;
    source: JsonObject;
    faults: readonly Reported[];
    isOfType: IsOfType;
  },
): void {
  const onConflict = (held: object) => {
    const fault =
      faults[0]?.fault ??
      run.faults.outage(subgraph, malformed(subgraph, "answered otherwise than another one"));
    run.faults.miss(fault, held, ANY_KEY);
  };
  mergeInto(target, source, { onConflict, isOfType });
}

/** What an entity is missing because of, where its subgraph gives null without an error. */
export const unknownEntity = (run: Run, subgraph: string, typeName: unknown): Fault =>
  run.faults.shared(`The subgraph "${subgraph}" does not know this ${String(typeName)}`, {
    code: "NOT_FOUND",
    serviceName: subgraph,
  });

/** Stands for every field. */
const ANY_KEY: ReadonlySet<string> = Object.assign(new Set<string>(), { has: () => true });

/** Steps of a subgraph's path under the names of the data. */
export function renamer(renames: readonly Rewrite[]): (step: string | number) => string | number {
  const names = new Map(
    renames.flatMap((rename) => (rename.kind === "rename" ? [[rename.key, rename.to] as const] : [])),
  );
  return (step) => (typeof step === "string" ? (names.get(step) ?? step) : step);
}

/** The names of what a fetch brings, of its root or of its entities; looked at only when something goes wrong. */
export function keysIn(operation: string, alias?: string): ReadonlySet<string> {
  const { definitions } = parse(operation, { noLocation: true });
  const fragments = new Map(
    definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node.selectionSet] as const] : [],
    ),
  );
  const fieldsIn = ({ selections }: SelectionSetNode): FieldNode[] =>
    selections.flatMap((selection) => {
      if (selection.kind === Kind.FIELD) return [selection];
      const set =
        selection.kind === Kind.INLINE_FRAGMENT
          ? selection.selectionSet
          : fragments.get(selection.name.value);
      return set ? fieldsIn(set) : [];
    });
  const nameOf = (field: FieldNode) => (field.alias ?? field.name).value;
  const roots = definitions.flatMap((node) =>
    node.kind === Kind.OPERATION_DEFINITION ? fieldsIn(node.selectionSet) : [],
  );
  if (alias === undefined) return new Set(roots.map(nameOf));
  const entities = roots.filter((field) => nameOf(field) === alias);
  return new Set(
    entities.flatMap(({ selectionSet }) => (selectionSet ? fieldsIn(selectionSet).map(nameOf) : [])),
  );
}

/** Made when it is wanted, once. */
export function lazily<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
