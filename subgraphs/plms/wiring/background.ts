import type { BackgroundOptions, Part } from "./deps.ts";
import { startCalibration } from "./calibration.ts";
import { startBudgetWatch } from "./budget-watch.ts";
import { startRunJobs } from "./run-jobs.ts";

/** What runs beside the requests, one concern a line; closed in reverse order. */
export async function startBackground(options: BackgroundOptions): Promise<readonly Part[]> {
  return [
    ...(await startRunJobs(options)),
    ...(await startBudgetWatch(options)),
    ...(await startCalibration(options)),
  ];
}
