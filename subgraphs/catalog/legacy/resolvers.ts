import type { MutationResolvers, QueryResolvers } from "../generated/resolver-types.ts";
import { legacyStatus, setLegacyRetired } from "./operations/retirement.ts";
import { orUserError } from "../user-errors.ts";

const DAYS = 30;

export const legacyQueries: QueryResolvers = {
  legacyRetirementStatus: (_parent, { days }, { work }) => legacyStatus(work.legacy, days ?? DAYS),
};

export const legacyMutations: MutationResolvers = {
  setLegacyApiRetired: (_parent, { retired, reason, days }, { work, actor }) =>
    orUserError(["InvalidInput", "Conflict"], async () => {
      const ports = { ...work.orders, legacy: work.legacy };
      const status = await setLegacyRetired(ports, actor, { retired, reason, days: days ?? DAYS });
      return { __typename: "LegacyRetirementStatus" as const, ...status };
    }),
};
