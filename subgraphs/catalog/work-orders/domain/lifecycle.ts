/** The life of a work order as data: which action leads from where to where, and who may take it. */
export const WORK_ORDER_STATUSES = [
  "planned",
  "released",
  "in_progress",
  "hold",
  "completed",
  /** For orders that another system closed; no action leads here. */
  "closed",
  "cancelled",
] as const;

export type WorkOrderStatus = (typeof WORK_ORDER_STATUSES)[number];

export type WorkOrderAction =
  | "release"
  | "start"
  | "pause"
  | "complete"
  | "hold"
  | "unhold"
  | "cancel"
  | "uncancel";

type Going = "planned" | "released" | "in_progress";

/** Where an order is in its life; `stageIndex` counts the enabled stages from 0. */
export type Progress =
  | { status: "hold"; heldFrom: Going; stageIndex: number }
  | { status: Exclude<WorkOrderStatus, "hold">; heldFrom: null; stageIndex: number };

interface Rule {
  from: readonly WorkOrderStatus[];
  /** `next-stage`: released again, or completed after the last stage; `before-hold`: where the hold began. */
  to: WorkOrderStatus | "next-stage" | "before-hold";
  /** `planners` are supervisors and admins; `stage` are they and the operators of the stage's department. */
  by: "planners" | "stage";
  needsReason: boolean;
}

export const LIFECYCLE: Readonly<Record<WorkOrderAction, Rule>> = {
  release: { from: ["planned"], to: "released", by: "planners", needsReason: false },
  start: { from: ["released"], to: "in_progress", by: "stage", needsReason: false },
  pause: { from: ["in_progress"], to: "in_progress", by: "stage", needsReason: false },
  complete: { from: ["in_progress"], to: "next-stage", by: "stage", needsReason: false },
  hold: { from: ["planned", "released", "in_progress"], to: "hold", by: "planners", needsReason: true },
  unhold: { from: ["hold"], to: "before-hold", by: "planners", needsReason: false },
  cancel: {
    from: ["planned", "released", "in_progress", "hold"],
    to: "cancelled",
    by: "planners",
    needsReason: false,
  },
  uncancel: { from: ["cancelled"], to: "planned", by: "planners", needsReason: false },
};

/** Where the action leads, or undefined when it may not be taken from here; at least one stage is enabled. */
export function advance(
  progress: Progress,
  action: WorkOrderAction,
  enabledStages: number,
): Progress | undefined {
  const { from, to } = LIFECYCLE[action];
  if (!from.includes(progress.status)) return undefined;
  const { stageIndex } = progress;
  if (to === "hold") return { status: "hold", heldFrom: progress.status as Going, stageIndex };
  if (to === "before-hold") return { status: progress.heldFrom ?? "released", heldFrom: null, stageIndex };
  if (to === "next-stage") return afterStage(stageIndex, enabledStages);
  // A plan begins at its first stage, and so does an order that is released.
  const begins = action === "release" || action === "uncancel";
  return { status: to, heldFrom: null, stageIndex: begins ? 0 : stageIndex };
}

/** The actions that may be taken from a status, in the order of the life. */
export const actionsFrom = (status: WorkOrderStatus): readonly WorkOrderAction[] =>
  (Object.keys(LIFECYCLE) as WorkOrderAction[]).filter((action) => LIFECYCLE[action].from.includes(status));

/** True while the order may still be edited. */
export const isEditable = (status: WorkOrderStatus): boolean => status !== "completed" && status !== "closed";

/** True while the order is no more than a plan: hull, SKU and quantity may change. */
export const isOnlyPlanned = (status: WorkOrderStatus): boolean =>
  status === "planned" || status === "cancelled";

function afterStage(stageIndex: number, enabledStages: number): Progress {
  return stageIndex + 1 < enabledStages
    ? { status: "released", heldFrom: null, stageIndex: stageIndex + 1 }
    : { status: "completed", heldFrom: null, stageIndex };
}
