import { LRUCache } from "lru-cache";
import { Kind, type OperationDefinitionNode } from "graphql";
import type { Clock } from "../../lib/clock.ts";

/** How long an operation took, over all its requests. */
export interface SlowOperation {
  name: string;
  kind: string;
  calls: number;
  averageMs: number;
  maxMs: number;
  maxAt: Date;
}

export interface SlowOperations {
  record(definition: OperationDefinitionNode, durationMs: number): void;
  /** Slowest first. */
  list(): SlowOperation[];
}

interface Entry {
  kind: string;
  calls: number;
  totalMs: number;
  maxMs: number;
  maxAt: Date;
}

/** Operations that are remembered; beyond that those go that have been away the longest. */
const CAPACITY = 500;
const NAME_CHARS = 80;

/** Times operations by name. */
export function createSlowOperations({ now }: Pick<Clock, "now">): SlowOperations {
  const entries = new LRUCache<string, Entry>({ max: CAPACITY });
  const names = new WeakMap<OperationDefinitionNode, string>();

  const nameOf = (definition: OperationDefinitionNode): string => {
    const known = names.get(definition);
    if (known !== undefined) return known;
    const name = describe(definition);
    names.set(definition, name);
    return name;
  };
  return {
    record: (definition, durationMs) => {
      const name = nameOf(definition);
      const known = entries.get(name);
      const entry = known ?? { kind: definition.operation, calls: 0, totalMs: 0, maxMs: -1, maxAt: now() };
      if (!known) entries.set(name, entry);
      entry.calls += 1;
      entry.totalMs += durationMs;
      if (durationMs > entry.maxMs) Object.assign(entry, { maxMs: durationMs, maxAt: now() });
    },
    list: () =>
      [...entries.entries()]
        .map(([name, { totalMs, ...entry }]) => ({ name, ...entry, averageMs: totalMs / entry.calls }))
        .sort((a, b) => b.maxMs - a.maxMs),
  };
}

/** The operation's name, or its root fields. */
function describe({ name, selectionSet }: OperationDefinitionNode): string {
  if (name) return name.value.slice(0, NAME_CHARS);
  const fields = selectionSet.selections.map((selection) =>
    selection.kind === Kind.FIELD ? selection.name.value : "…",
  );
  return `{ ${fields.join(" ")} }`.slice(0, NAME_CHARS);
}
