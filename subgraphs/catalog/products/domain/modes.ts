/** How much the catalogue relies on the PLM. */
export type PlmMode = "DISABLED" | "SHADOW" | "ENABLED";

/** What made the mode what it is. */
export type ModeCause = "ENVIRONMENT" | "PERSON" | "ROLLBACK" | "AUTOMATIC";

/** The mode and the models that it holds for; models elsewhere are one step behind. */
export interface PlmSwitch {
  mode: PlmMode;
  /** Codes or ids, in any case; empty for all models. */
  models: readonly string[];
  cause: ModeCause;
  reason: string;
  changedBy: string;
  changedAt: Date;
  /** Grows with every change. */
  version: number;
}

/** Why a model is treated as it is. */
type ModeReason = "ALL_MODELS" | "MODEL_LISTED" | "MODEL_NOT_LISTED" | "ROLLED_BACK";

export interface ModeDecision {
  mode: PlmMode;
  reason: ModeReason;
}

const STEP_DOWN: Readonly<Record<PlmMode, PlmMode>> = {
  ENABLED: "SHADOW",
  SHADOW: "DISABLED",
  DISABLED: "DISABLED",
};

/** One step away from the PLM: enabled, shadow, disabled. */
export const stepDown = (mode: PlmMode): PlmMode => STEP_DOWN[mode];

/** How a model is treated now. */
export function decideMode(plm: PlmSwitch, product: { id: string; code: string }): ModeDecision {
  if (plm.models.length === 0) {
    const isRolledBack = plm.cause === "ROLLBACK" || plm.cause === "AUTOMATIC";
    return { mode: plm.mode, reason: isRolledBack ? "ROLLED_BACK" : "ALL_MODELS" };
  }
  const names = new Set([product.id.toLowerCase(), product.code.toLowerCase()]);
  const isListed = plm.models.some((model) => names.has(model.toLowerCase()));
  return isListed
    ? { mode: plm.mode, reason: "MODEL_LISTED" }
    : { mode: stepDown(plm.mode), reason: "MODEL_NOT_LISTED" };
}

/** The mode of any model that is not listed: what decides whether the PLM is asked for the whole catalogue. */
export const modesInUse = (plm: PlmSwitch): ReadonlySet<PlmMode> =>
  new Set(plm.models.length === 0 ? [plm.mode] : [plm.mode, stepDown(plm.mode)]);
