import { scalars } from "../../lib/scalars.ts";
import type { Resolvers } from "./generated/resolver-types.ts";
import {
  AuditEntry,
  Project,
  WorkOrder,
  WorkOrderVersion,
  auditQueries,
  workOrderEnums,
  workOrderMutations,
  workOrderQueries,
} from "./work-orders/resolvers.ts";
import {
  CircuitBreaker,
  PlmConfig,
  PlmHealth,
  PlmModeChange,
  circuitMutations,
  circuitQueries,
  circuitSubscriptions,
  plmConfigMutations,
  plmConfigQueries,
  plmConfigSubscriptions,
  plmHealthMutations,
  plmHealthQueries,
  plmHealthSubscriptions,
  shadowDiffMutations,
  shadowDiffQueries,
  shadowDiffSubscriptions,
} from "./plm/resolvers.ts";
import {
  AlternatePart,
  Bom,
  BomLine,
  Model,
  PartTotal,
  PartUse,
  Trim,
  configurationQueries,
  modelQueries,
  trimQueries,
} from "./products/resolvers.ts";
import { legacyMutations, legacyQueries } from "./legacy/resolvers.ts";
import { usageMutations, usageQueries } from "./usage/resolvers.ts";

/** Mutations that do not write down by themselves who attempted them. */
export const plmMutations = {
  ...plmConfigMutations,
  ...circuitMutations,
  ...plmHealthMutations,
  ...shadowDiffMutations,
};

export const resolvers = {
  DateTime: scalars.DateTime,
  JSON: scalars.JSON,
  ...workOrderEnums,
  Query: {
    ...modelQueries,
    ...trimQueries,
    ...circuitQueries,
    ...configurationQueries,
    ...plmConfigQueries,
    ...plmHealthQueries,
    ...shadowDiffQueries,
    ...workOrderQueries,
    ...usageQueries,
    ...auditQueries,
    ...legacyQueries,
  },
  Mutation: {
    ...plmMutations,
    ...workOrderMutations,
    ...usageMutations,
    ...legacyMutations,
  },
  Subscription: {
    ...circuitSubscriptions,
    ...plmConfigSubscriptions,
    ...plmHealthSubscriptions,
    ...shadowDiffSubscriptions,
  },
  Model,
  Trim,
  Bom,
  BomLine,
  AlternatePart,
  PartTotal,
  CircuitBreaker,
  PartUse,
  PlmConfig,
  PlmHealth,
  PlmModeChange,
  Project,
  WorkOrder,
  WorkOrderVersion,
  AuditEntry,
} satisfies Resolvers;
