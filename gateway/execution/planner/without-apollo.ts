import { createRequire } from "node:module";
import { CodedError } from "../../../lib/errors.ts";
import type { LoadedSupergraph } from "../../supergraph/supergraph.ts";
import type { Planner } from "../plan.ts";

/** What Apollo's planner is made of: under the Elastic License 2.0, so a build may leave it out. */
const PACKAGES = ["@apollo/query-planner", "@apollo/federation-internals"];

const { resolve } = createRequire(import.meta.url);

/** Which packages of Apollo's planner are missing. */
export const missingOfApollo = (): string[] =>
  PACKAGES.filter((name) => {
    try {
      resolve(name);
      return false;
    } catch {
      return true;
    }
  });

/** Stands in the place of Apollo's planner where that may not be asked. */
export const refusing: Planner = {
  name: "apollo",
  plan: () => {
    throw refusal();
  },
  planAsync: async () => {
    throw refusal();
  },
};

const refusal = () => notPlannable("The native planner");

/** For an operation that the only planner has no plan for. */
export const notPlannable = (planner: string): CodedError =>
  new CodedError(
    "OPERATION_NOT_PLANNABLE",
    `${planner} cannot plan this operation, and this gateway asks no other; ask for less at a time`,
  );

/** What clients of a supergraph have to do without where the native planner is the only one, as sentences. */
export function lostWithoutApollo({ contextFields }: LoadedSupergraph): string[] {
  const names = [...contextFields].toSorted().join(", ");
  return [
    "the native planner is the only one: operations that it cannot plan are refused with OPERATION_NOT_PLANNABLE, and what is deferred comes with the rest",
    ...(names === ""
      ? []
      : [
          `operations with a field of these names are refused, because their arguments come from a context: ${names}`,
        ]),
  ];
}
