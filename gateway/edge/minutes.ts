import { LRUCache } from "lru-cache";
import { Kind, type OperationDefinitionNode } from "graphql";
import type { Clock } from "../../lib/clock.ts";
import { LogHistogram } from "./log-histogram.ts";

/** How long an operation took, over all its requests within a minute. */
export interface OperationSums {
  name: string;
  kind: string;
  calls: number;
  failed: number;
  totalMs: number;
  maxMs: number;
  maxAt: Date;
}

interface SubgraphSums {
  calls: number;
  failures: number;
  durations: LogHistogram;
}

/** What happened in a minute. */
export interface Minute {
  /** Since 1970. */
  readonly number: number;
  operations: number;
  failed: number;
  readonly durations: LogHistogram;
  /** Events that were handed to clients. */
  events: number;
  /** From the arrival of an event until everybody had been handed it. */
  readonly lags: LogHistogram;
  readonly byOperation: Map<string, OperationSums>;
  readonly bySubgraph: Map<string, SubgraphSums>;
  /** Operations that were refused by the rate limit, by caller. */
  readonly limited: Map<string, number>;
}

/** What happens, to be told as it does. */
export interface Minutes {
  /** `definition` is missing when the request could not be read. */
  operation(
    definition: OperationDefinitionNode | undefined,
    done: { failed: boolean; durationMs: number },
  ): void;
  subgraphCall(subgraph: string, outcome: "answered" | "failed", durationMs: number): void;
  delivered(count: number): void;
  lag(ms: number): void;
  limited(caller: string): void;
  /** Those from one minute to another that is a part of it, oldest first; minutes without anything are left out. */
  between(first: number, last: number): Minute[];
  /** The text of the document that an operation of this name was last asked in; undefined when that was too long to keep. */
  textOf(name: string): string | undefined;
}

/** Six hours; what is older is for those who collect the metrics. */
export const KEPT_MINUTES = 360;
export const MINUTE_MS = 60_000;
/** Names that are told apart within a minute: at 30 KB a minute for all of them, six hours are 11 MB at most. */
const MOST = { operations: 64, subgraphs: 16, callers: 16 };
const OTHERS = "(others)";
const NAME_CHARS = 80;
const CALLER_CHARS = 200;
/** Documents whose plan can be shown. */
const TEXTS = {
  max: 200,
  maxSize: 1_000_000,
  maxEntrySize: 32_000,
  sizeCalculation: (text: string) => text.length,
};

/** The latest minutes of this process, in a ring that never grows. */
export function createMinutes({ now }: Pick<Clock, "now">): Minutes {
  const ring = Array.from<unknown, Minute | undefined>({ length: KEPT_MINUTES }, () => undefined);
  const texts = new LRUCache<string, string>(TEXTS);
  const nameOf = createNames();
  const current = (): Minute => {
    const number = Math.floor(now().getTime() / MINUTE_MS);
    const kept = ring[number % KEPT_MINUTES];
    if (kept?.number === number) return kept;
    return (ring[number % KEPT_MINUTES] = emptyMinute(number));
  };
  return {
    operation: (definition, { failed, durationMs }) => {
      const minute = current();
      minute.operations += 1;
      minute.failed += Number(failed);
      minute.durations.add(durationMs);
      if (!definition) return;
      const name = nameOf(definition);
      const text = definition.loc?.source.body;
      if (text !== undefined && texts.get(name) !== text) texts.set(name, text);
      noteOperation(minute, { name, kind: definition.operation, failed, durationMs, at: now() });
    },
    subgraphCall: (subgraph, outcome, durationMs) => {
      const sums = within(current().bySubgraph, subgraph, {
        most: MOST.subgraphs,
        make: () => ({ calls: 0, failures: 0, durations: new LogHistogram() }),
      });
      sums.calls += 1;
      sums.failures += Number(outcome === "failed");
      sums.durations.add(durationMs);
    },
    delivered: (count) => void (current().events += count),
    lag: (ms) => current().lags.add(ms),
    limited: (caller) => {
      const { limited } = current();
      const named = caller.slice(0, CALLER_CHARS);
      const key = limited.has(named) || limited.size < MOST.callers ? named : OTHERS;
      limited.set(key, (limited.get(key) ?? 0) + 1);
    },
    between: (first, last) =>
      ring
        .filter((minute) => minute !== undefined && minute.number >= first && minute.number <= last)
        .filter((minute) => minute !== undefined)
        .toSorted((a, b) => a.number - b.number),
    textOf: (name) => texts.get(name),
  };
}

const emptyMinute = (number: number): Minute => ({
  number,
  operations: 0,
  failed: 0,
  durations: new LogHistogram(),
  events: 0,
  lags: new LogHistogram(),
  byOperation: new Map(),
  bySubgraph: new Map(),
  limited: new Map(),
});

function noteOperation(
  { byOperation }: Minute,
  done: { name: string; kind: string; failed: boolean; durationMs: number; at: Date },
): void {
  const { name, kind, failed, durationMs, at } = done;
  const sums = within(byOperation, `${kind} ${name}`, {
    most: MOST.operations,
    make: (isOthers) => ({
      name: isOthers ? OTHERS : name,
      kind: isOthers ? "any" : kind,
      calls: 0,
      failed: 0,
      totalMs: 0,
      maxMs: -1,
      maxAt: at,
    }),
  });
  sums.calls += 1;
  sums.failed += Number(failed);
  sums.totalMs += durationMs;
  if (durationMs > sums.maxMs) Object.assign(sums, { maxMs: durationMs, maxAt: at });
}

/** The value of a key; once there are too many, that of all others together. */
function within<T>(
  values: Map<string, T>,
  key: string,
  { most, make }: { most: number; make: (isOthers: boolean) => T },
): T {
  const known = values.get(key);
  if (known) return known;
  const place = values.size < most ? key : OTHERS;
  const value = values.get(place) ?? make(place === OTHERS);
  values.set(place, value);
  return value;
}

/** The operation's name, or its root fields; looked at once for each. */
function createNames(): (definition: OperationDefinitionNode) => string {
  const names = new WeakMap<OperationDefinitionNode, string>();
  return (definition) => {
    const known = names.get(definition);
    if (known !== undefined) return known;
    const name = describe(definition);
    names.set(definition, name);
    return name;
  };
}

function describe({ name, selectionSet }: OperationDefinitionNode): string {
  if (name) return name.value.slice(0, NAME_CHARS);
  const fields = selectionSet.selections.map((selection) =>
    selection.kind === Kind.FIELD ? selection.name.value : "…",
  );
  return `{ ${fields.join(" ")} }`.slice(0, NAME_CHARS);
}
