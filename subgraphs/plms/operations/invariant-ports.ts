import type { Invariant } from "../domain/invariants.ts";

export interface InvariantPorts {
  invariants: {
    /** Checks the five standard invariants, or all eight. */
    check(isStrict: boolean): Promise<Invariant[]>;
  };
}
