import { chance } from "../support/random.ts";

/** What a subgraph may do wrong with a field. */
export type FieldFault = "throws" | "hole" | "wrong";
/** And with a whole call. */
export type CallFault = "down" | "refuses" | "nothing" | "short" | "garbage";

/** How sick the subgraphs are in one run, and what came of it. */
export interface Sickness {
  seed: string;
  /** Share of fields that fail; 0 for a run without faults. */
  rate: number;
}

export const HEALTHY: Sickness = { seed: "", rate: 0 };

const FIELD_FAULTS: readonly FieldFault[] = ["throws", "hole", "wrong"];
const CALL_FAULTS: readonly CallFault[] = ["down", "refuses", "nothing", "short", "garbage"];

const pick = <T>(values: readonly T[], luck: number): T => values[Math.floor(luck * values.length)] as T;

/** Whether an object's field, or the object as an entity, fails at a subgraph: always the same for the same object. */
export function fieldFault({ seed, rate }: Sickness, place: string): FieldFault | undefined {
  if (rate === 0) return undefined;
  const luck = chance(`${seed}|${place}`);
  return luck < rate ? pick(FIELD_FAULTS, luck / rate) : undefined;
}

export function callFault({ seed, rate }: Sickness, subgraph: string, query: string): CallFault | undefined {
  if (rate === 0) return undefined;
  const luck = chance(`${seed}|${subgraph}|${query}`);
  return luck < rate ? pick(CALL_FAULTS, luck / rate) : undefined;
}

/** A fault came with an error, or is a null that may be one, or a value that the schema does not allow. */
export type FaultKind = "loud" | "silent" | "lie";

/** Faults that happened, by the field of the object that they struck. */
export class FaultLog {
  readonly #hits = new Map<string, Set<FaultKind>>();

  add(type: string, n: number, field: string, kind: FaultKind): void {
    const key = `${type}/${n}.${field}`;
    this.#hits.set(key, (this.#hits.get(key) ?? new Set()).add(kind));
  }

  at = (type: string, n: number, field: string): FaultKind[] => [
    ...(this.#hits.get(`${type}/${n}.${field}`) ?? []),
  ];

  isEmpty = (): boolean => this.#hits.size === 0;
  toString = (): string => [...this.#hits].map(([at, kinds]) => `${at} ${[...kinds].join("+")}`).join(", ");
}
