import type { DiffSeverity, FieldDiff } from "./shadow-diff.ts";

/** Which differences are meant: those that agree with every member that is given. */
export interface DiffFilter {
  severity?: DiffSeverity | null | undefined;
  kind?: FieldDiff["kind"] | null | undefined;
  modelCode?: string | null | undefined;
  /** The section of the bill of materials, or `trims`, `rules` or `model`. */
  place?: string | null | undefined;
  field?: string | null | undefined;
  mrp?: string | null | undefined;
  plm?: string | null | undefined;
  /** Text in the path, in any case. */
  search?: string | null | undefined;
  isOpen?: boolean | null | undefined;
}

/** By what differences are gathered. */
export type DiffGrouping = "FIELD" | "PLACE" | "VALUES";

/** What those of a group share, by which they are found again. */
export const SHARED = {
  FIELD: ["kind", "severity", "field"],
  PLACE: ["modelCode", "place"],
  VALUES: ["kind", "field", "mrp", "plm"],
} as const satisfies Readonly<Record<DiffGrouping, readonly (keyof DiffFilter)[]>>;

/** True where nothing is narrowed down. */
export const isAnything = (filter: DiffFilter): boolean =>
  Object.values(filter).every((value) => value === null || value === undefined);
