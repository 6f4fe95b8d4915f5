import { enabledStages, type Routing, type RoutingStage } from "./routing.ts";
import type { Progress } from "./lifecycle.ts";
import type { ChosenOption } from "./options.ts";

export type WorkOrderPriority = "low" | "normal" | "high" | "critical";

/** The system that described the product when the order was created; never changes. */
export type SnapshotSource = "mrp" | "plm";

/** A long choice by the SHA-256 of its document, which all orders share that chose the same. */
interface KeptChoice {
  sha256: string;
}

/** The product as the order was created for it: whatever becomes of the catalogue, the order keeps this. */
export interface WorkOrderSpec {
  /** Code of the model. */
  model: string;
  /** Name of the trim; null when the order is for the model as such. */
  trim: string | null;
  features: readonly ChosenOption[] | KeptChoice;
  routingVersionId: string;
  routingVersion: { model: string; trim: string | null; version: number };
  /** All stages of the routing at the time, disabled ones too. */
  stages: readonly RoutingStage[];
}

/** Where the description of the product came from. */
interface WorkOrderOrigin {
  dataSource: SnapshotSource;
  plmCorrelationId: string | null;
  plmSchemaVersion: string | null;
  /** SHA-256 of what the source had said of the product. */
  payloadSha256: string;
}

/** What people may edit, within the rules of the life. */
export interface WorkOrderFields {
  hullId: string | null;
  productSku: string;
  qty: number;
  priority: WorkOrderPriority;
  plannedStartAt: Date | null;
  plannedFinishAt: Date | null;
}

/** A work order before it has an id and a number. */
export interface NewWorkOrder extends WorkOrderFields {
  tenant: string;
  modelId: string;
  trimId: string | null;
  projectId: string | null;
  progress: Progress;
  spec: WorkOrderSpec;
  origin: WorkOrderOrigin;
}

export interface WorkOrder extends NewWorkOrder {
  id: string;
  /** For people, like `WO-000042`. */
  number: string;
  /** Grows with every mutation, from 1. */
  versionNumber: number;
  createdBy: string;
  createdAt: Date;
  updatedAt: Date;
}

export const specOf = (
  product: Pick<WorkOrderSpec, "model" | "trim" | "features">,
  routing: Routing,
): WorkOrderSpec => ({
  ...product,
  routingVersionId: routing.id,
  routingVersion: { model: routing.model, trim: routing.trim, version: routing.version },
  stages: routing.stages,
});

/** The stage that the order is at, or that it was at when it ended. */
export function currentStage({ spec, progress }: Pick<WorkOrder, "spec" | "progress">): RoutingStage {
  const stage = enabledStages(spec).at(progress.stageIndex);
  if (!stage) throw new RangeError(`stage ${progress.stageIndex} is not one of the enabled stages`);
  return stage;
}

/** The dates of a plan as a sentence when they cannot be; each is optional until the release. */
export function planProblem({
  plannedStartAt,
  plannedFinishAt,
}: Pick<WorkOrderFields, "plannedStartAt" | "plannedFinishAt">): string | undefined {
  if (!plannedStartAt || !plannedFinishAt || plannedStartAt < plannedFinishAt) return undefined;
  return "an instant after plannedStartAt";
}

const DAY_MS = 86_400_000;

/** What a planned order still lacks before it can be released, each as a sentence. */
export function releaseProblems(order: WorkOrderFields, now: Date): readonly string[] {
  const { hullId, plannedStartAt, plannedFinishAt } = order;
  const problems: string[] = [];
  if (hullId === null) problems.push("hullId is not set");
  if (plannedStartAt === null) problems.push("plannedStartAt is not set");
  if (plannedFinishAt === null) problems.push("plannedFinishAt is not set");
  if (planProblem(order) !== undefined) problems.push("plannedFinishAt is not after plannedStartAt");
  if (plannedStartAt && now.getTime() - plannedStartAt.getTime() > DAY_MS)
    problems.push("plannedStartAt is more than a day ago");
  return problems;
}
