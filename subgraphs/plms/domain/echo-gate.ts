import type { KpiResult } from "./kpi.ts";

/** How similar the results of a project have to be to what was asked for: cosines, -1 to 1. */
export interface EchoGate {
  /** What a lane that falls short means: nothing, a remark, or a review. */
  mode: EchoMode;
  minCos: number;
  /** Lanes with a threshold of their own. */
  lanes: readonly { laneId: number; minCos: number }[];
}

const ECHO_MODES = ["off", "advisory", "required"] as const;
type EchoMode = (typeof ECHO_MODES)[number];

/** What the receipts of a run say of one lane. */
export interface LaneEcho {
  runId: string;
  laneId: number;
  /** Receipts that tell of a similarity. */
  receipts: number;
  /** Null without such receipts. */
  mean: number | null;
  least: number | null;
  minCos: number;
  mode: EchoMode;
}

const ECHO_KPI = "echo_cos";

/** Whether the mean similarity of a lane is high enough; one that was not measured is not. */
export const meetsEcho = ({ mean, minCos }: LaneEcho): boolean => mean !== null && mean >= minCos;

/** The results of a run's lanes, as those of a KPI; advice about nothing is not given. */
export function echoResults(lanes: readonly LaneEcho[]): KpiResult[] {
  return lanes
    .filter(({ mode, mean }) => mode === "required" || (mode === "advisory" && mean !== null))
    .map((lane) => ({
      laneId: lane.laneId,
      taskId: null,
      kpi: ECHO_KPI,
      operator: ">=",
      threshold: lane.minCos,
      value: lane.mean ?? -1,
      pass: meetsEcho(lane),
      isAdvisory: lane.mode === "advisory",
      detail:
        lane.mean === null
          ? "No receipt tells how similar its result is to the request"
          : `mean of ${lane.receipts} receipts, the lowest ${lane.least?.toFixed(4)}`,
    }));
}
