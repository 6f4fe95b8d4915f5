import { createAlertStore } from "../adapters/alert-store.ts";
import { createBudgetStore } from "../adapters/budget-store.ts";
import { createCalibrationStore } from "../adapters/calibration-store.ts";
import { createInsightStore } from "../adapters/insight-store.ts";
import { createLaneOverrideStore } from "../adapters/lane-override-store.ts";
import { createPriorStore } from "../adapters/prior-store.ts";
import { createRehearsalStore } from "../adapters/rehearsal-store.ts";
import type { PlmsConfig } from "../config.ts";
import type { EstimationPorts } from "../operations/estimation-ports.ts";
import type { SubgraphDeps } from "../../kit/run-subgraph.ts";

/** What the use cases around estimates, calibration and budgets need from outside. */
export const estimationPorts = (
  { calibrationAlpha }: Pick<PlmsConfig, "calibrationAlpha">,
  { db }: Pick<SubgraphDeps, "db">,
): EstimationPorts => ({
  priors: createPriorStore(db),
  budgets: createBudgetStore(db),
  alerts: createAlertStore(db),
  rehearsals: createRehearsalStore(db),
  insights: createInsightStore(db),
  laneOverrides: createLaneOverrideStore(db),
  calibrations: createCalibrationStore(db),
  calibrationAlpha,
});
