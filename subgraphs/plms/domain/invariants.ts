/** Something that always has to hold; a violation is a sentence that names the row. */
export interface Invariant {
  key: string;
  name: string;
  violations: readonly string[];
}

export interface InvariantReport {
  isStrict: boolean;
  at: Date;
  invariants: readonly Invariant[];
}

export const holds = ({ violations }: Pick<Invariant, "violations">): boolean => violations.length === 0;

export const allHold = ({ invariants }: InvariantReport): boolean => invariants.every(holds);
