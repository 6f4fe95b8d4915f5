import { scalars } from "../../../lib/scalars.ts";
import type { Resolvers } from "../generated/resolver-types.ts";
import { AuditEntry, auditQueries } from "./audit.ts";
import { CircuitBreaker, circuitMutations, circuitQueries, circuitSubscriptions } from "./circuit-breaker.ts";
import { AlternatePart, Bom, BomLine, configurationQueries, PartTotal, PartUse } from "./configuration.ts";
import { Model, modelQueries } from "./model.ts";
import {
  PlmConfig,
  plmConfigMutations,
  plmConfigQueries,
  plmConfigSubscriptions,
  PlmModeChange,
} from "./plm-config.ts";
import { legacyMutations, legacyQueries } from "./legacy.ts";
import { PlmHealth, plmHealthMutations, plmHealthQueries, plmHealthSubscriptions } from "./plm-health.ts";
import { shadowDiffMutations, shadowDiffQueries, shadowDiffSubscriptions } from "./shadow-diff.ts";
import { Trim, trimQueries } from "./trim.ts";
import { usageMutations, usageQueries } from "./usage.ts";
import { workOrderEnums } from "./work-order-enums.ts";
import { Project, WorkOrder, workOrderMutations, workOrderQueries, WorkOrderVersion } from "./work-order.ts";

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
