import type { Resolvers } from "../generated/resolver-types.ts";

/** An argument as it is inside; its generated type does not know that enums are mapped. */
export const inside = <T extends string>(value: T): Lowercase<T> => value.toLowerCase() as Lowercase<T>;

/** Inside and in the database enum values of work orders are lower case; in GraphQL they are upper case. */
export const workOrderEnums = {
  WorkOrderStatus: mapped(["PLANNED", "RELEASED", "IN_PROGRESS", "HOLD", "COMPLETED", "CLOSED", "CANCELLED"]),
  WorkOrderAction: mapped(["RELEASE", "START", "PAUSE", "COMPLETE", "HOLD", "UNHOLD", "CANCEL", "UNCANCEL"]),
  WorkOrderPriority: mapped(["LOW", "NORMAL", "HIGH", "CRITICAL"]),
  SnapshotSource: mapped(["MRP", "PLM"]),
  ActorRole: mapped(["OPERATOR", "SUPERVISOR", "ADMIN"]),
  AuditOutcome: mapped(["SUCCEEDED", "DENIED"]),
  LegacyApiMode: mapped(["WARN", "GONE"]),
} satisfies Resolvers;

function mapped<const T extends string>(names: readonly T[]): { [Name in T]: Lowercase<Name> } {
  return Object.fromEntries(names.map((name) => [name, inside(name)])) as { [Name in T]: Lowercase<Name> };
}
