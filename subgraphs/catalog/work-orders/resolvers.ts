import { WORK_ORDER_STATUSES, actionsFrom } from "./domain/lifecycle.ts";
import { enumOf, inside, mappedEnum } from "../../kit/enums.ts";
import type {
  AuditEntryResolvers,
  ErrorCode,
  MutationResolvers,
  ProjectResolvers,
  QueryResolvers,
  Resolvers,
  WorkOrderResolvers,
  WorkOrderVersionResolvers,
} from "../generated/resolver-types.ts";
import type { Context } from "../context.ts";
import { enabledStages } from "./domain/routing.ts";
import { keptOption, type ChosenOption } from "./domain/options.ts";
import { currentStage, type WorkOrderSpec } from "./domain/work-order.ts";
import { createWorkOrder } from "./operations/create.ts";
import { type ProductSources, modelOfOrder, trimOfOrder } from "./operations/product.ts";
import { listWorkOrders } from "./operations/read.ts";
import { restoreWorkOrder } from "./operations/restore.ts";
import { transitionWorkOrder } from "./operations/transition.ts";
import { updateWorkOrder } from "./operations/update.ts";
import { orUserError } from "../user-errors.ts";
import { isErrorCode } from "../../../lib/errors.ts";
import { listAudit } from "../audit/operations/attempts.ts";

/** Inside and in the database enum values of work orders are lower case; in GraphQL they are upper case. */
export const workOrderEnums = {
  WorkOrderStatus: enumOf(WORK_ORDER_STATUSES),
  WorkOrderAction: mappedEnum([
    "RELEASE",
    "START",
    "PAUSE",
    "COMPLETE",
    "HOLD",
    "UNHOLD",
    "CANCEL",
    "UNCANCEL",
  ]),
  WorkOrderPriority: mappedEnum(["LOW", "NORMAL", "HIGH", "CRITICAL"]),
  SnapshotSource: mappedEnum(["MRP", "PLM"]),
  ActorRole: mappedEnum(["OPERATOR", "SUPERVISOR", "ADMIN"]),
  AuditOutcome: mappedEnum(["SUCCEEDED", "DENIED"]),
  LegacyApiMode: mappedEnum(["WARN", "GONE"]),
} satisfies Resolvers;

export const workOrderQueries: QueryResolvers = {
  workOrder: (_parent, { id }, { orderLoaders }) => orderLoaders.order.load(id),
  workOrders: (_parent, { status, search, projectId, sort, descending, ...page }, { work, actor }) =>
    listWorkOrders(work.orders.workOrders, actor, {
      ...page,
      status: status ? inside(status) : undefined,
      search: search ?? undefined,
      projectId: projectId ?? undefined,
      sort: sort ?? "CREATED",
      isFalling: descending ?? true,
    }),
};

const FAILURES = ["InvalidInput", "NotFound", "Conflict", "Forbidden", "Unavailable"] as const;

export const workOrderMutations: MutationResolvers = {
  createWorkOrder: (_parent, { input, idempotencyKey }, { work, actor, extensions }) =>
    orUserError(FAILURES, async () => {
      const { order, replayed, expiresAt } = await createWorkOrder(work.orders, actor, {
        modelId: input.modelId,
        trimId: input.trimId ?? undefined,
        qty: input.qty ?? 1,
        hullId: input.hullId ?? undefined,
        productSku: input.productSku ?? undefined,
        priority: inside(input.priority ?? "NORMAL"),
        plannedStartAt: input.plannedStartAt ?? undefined,
        plannedFinishAt: input.plannedFinishAt ?? undefined,
        routingVersionId: input.routingVersionId ?? undefined,
        options: input.options ?? undefined,
        projectId: input.projectId ?? undefined,
        idempotencyKey,
      });
      extensions["idempotency"] = { key: idempotencyKey, replayed, expiresAt: expiresAt.toISOString() };
      return { __typename: "WorkOrderSuccess" as const, workOrder: order, replayed };
    }),
  updateWorkOrder: (_parent, { input }, { work, actor }) =>
    orUserError(FAILURES, async () => {
      const { hullId, plannedStartAt, plannedFinishAt } = input;
      const order = await updateWorkOrder(work.orders, actor, {
        id: input.id,
        expectedVersion: input.expectedVersion ?? undefined,
        fields: {
          hullId,
          plannedStartAt,
          plannedFinishAt,
          productSku: input.productSku ?? undefined,
          qty: input.qty ?? undefined,
          priority: input.priority ? inside(input.priority) : undefined,
        },
        options: input.options ?? undefined,
        trimId: input.trimId,
        reason: input.reason ?? undefined,
      });
      return { __typename: "WorkOrderSuccess" as const, workOrder: order, replayed: false };
    }),
  transitionWorkOrder: (_parent, { id, action, reason, goodQty, scrapQty, stationId }, { work, actor }) =>
    orUserError(FAILURES, async () => {
      const order = await transitionWorkOrder(work.orders, actor, {
        id,
        action: inside(action),
        reason: reason ?? undefined,
        goodQty: goodQty ?? undefined,
        scrapQty: scrapQty ?? undefined,
        stationId: stationId ?? undefined,
      });
      return { __typename: "WorkOrderSuccess" as const, workOrder: order, replayed: false };
    }),
  restoreWorkOrder: (_parent, input, { work, actor }) =>
    orUserError(FAILURES, async () => {
      const order = await restoreWorkOrder(work.orders, actor, input);
      return { __typename: "WorkOrderSuccess" as const, workOrder: order, replayed: false };
    }),
};

export const WorkOrder: WorkOrderResolvers = {
  __resolveReference: ({ id }, { orderLoaders }) => orderLoaders.order.load(id),
  status: ({ progress }) => progress.status,
  actions: ({ progress }) => [...actionsFrom(progress.status)],
  model: (order, _args, context) => modelOfOrder(order, productsOf(context)),
  trim: (order, _args, context) => trimOfOrder(order, productsOf(context)),
  project: ({ projectId }) => (projectId === null ? null : { id: projectId }),
  currentStage: (order) => {
    const stage = currentStage(order);
    return {
      index: enabledStages(order.spec).indexOf(stage),
      code: stage.code,
      name: stage.name,
      department: stage.department,
      standardSeconds: stage.standardStageSeconds,
    };
  },
  options: async ({ spec }, _args, context) => (await chosenOf(spec, context)).map(keptOption),
  versions: ({ id }, { first, after }, { orderLoaders }) => orderLoaders.versions({ first, after }).load(id),
  dataSource: ({ origin }) => origin.dataSource,
  plmCorrelationId: ({ origin }) => origin.plmCorrelationId,
  plmSchemaVersion: ({ origin }) => origin.plmSchemaVersion,
};

export const WorkOrderVersion: WorkOrderVersionResolvers = {
  snapshot: async ({ snapshot }, _args, context) => {
    const specSnapshot = snapshot.specSnapshot as Pick<WorkOrderSpec, "features">;
    return {
      ...snapshot,
      specSnapshot: { ...specSnapshot, features: await chosenOf(specSnapshot, context) },
    };
  },
  payload: ({ payloadSha256 }, _args, { orderLoaders }) => orderLoaders.payload.load(payloadSha256),
};

const chosenOf = async (
  { features }: Pick<WorkOrderSpec, "features">,
  { orderLoaders }: Context,
): Promise<readonly ChosenOption[]> =>
  "sha256" in features ? orderLoaders.choice.load(features.sha256) : features;

export const Project: ProjectResolvers = {
  __resolveReference: ({ id }) => ({ id }),
  workOrders: ({ id }, { first, after }, { orderLoaders }) =>
    orderLoaders.ofProject({ first, after }).load(id),
};

const productsOf = ({ loaders, orderLoaders, work }: Context): ProductSources => ({
  live: (id) => loaders.models.load(id),
  kept: (sha256) => orderLoaders.product.load(sha256),
  deadlineMs: work.orders.settings.detailDeadlineMs,
  now: () => work.orders.clock.now(),
});

export const auditQueries: QueryResolvers = {
  auditLog: (_parent, args, { work, actor }) => listAudit(work.orders.audit, actor.tenant, args),
};

export const AuditEntry: AuditEntryResolvers = {
  code: ({ code }) => (isErrorCode(code) ? (code as ErrorCode) : null),
};
