import type { FastifyInstance, FastifyReply } from "fastify";
import { badInput, isCodedError } from "../../../lib/errors.ts";
import type { Caller } from "../../../lib/graphql-endpoint.ts";
import { sendProblem } from "../../../lib/http-problems.ts";
import type { LaneOverride } from "../domain/lane-override.ts";
import type { LaneRisk } from "../domain/risk.ts";
import type { CallerWith, ProjectRoute } from "./caller-with.ts";
import { inRestWords } from "./errors.ts";
import {
  driftAnswer,
  heatmapAnswer,
  metricsAnswer,
  overridesAnswer,
  simulationAnswer,
  type Drifted,
  type Measured,
  type Simulated,
} from "./insight-answers.ts";
import { flagIn, numberIn } from "./requests.ts";

/** The use cases that tell about a project; each answers for the caller's tenant alone. */
export interface InsightOperations {
  simulate(caller: Caller, call: { projectId: string; rehearsalPct: number | undefined }): Promise<Simulated>;
  metrics(caller: Caller, projectId: string, withIntervals: boolean): Promise<Measured>;
  laneOverrides(caller: Caller, projectId: string): Promise<readonly LaneOverride[]>;
  riskHeatmap(caller: Caller, projectId: string): Promise<readonly (LaneRisk & { laneName: string })[]>;
  estimationDrift(caller: Caller, projectId: string, laneId: number): Promise<Drifted>;
}

const UNPROCESSABLE = 422;
const PCT_ALLOWED = "a number from 0.001 to 0.2";
const LANE_ALLOWED = "the id of a lane";

/** What the façade tells about a project. */
export function serveInsights(
  app: FastifyInstance,
  { operations, callerWith, path }: { operations: InsightOperations; callerWith: CallerWith; path: string },
): void {
  app.post<ProjectRoute>(`${path}/simulate`, async (request, reply) => {
    const caller = await callerWith(request, "projects.simulate");
    try {
      // Nothing is written without the executor, so a sandbox changes nothing; only its spelling is checked.
      flagIn(request.query, "write_sandbox", false);
      const rehearsalPct = numberIn(request.query, "rehearsal_pct", PCT_ALLOWED);
      return simulationAnswer(
        await operations.simulate(caller, { projectId: request.params.id, rehearsalPct }),
      );
    } catch (error) {
      return unprocessable(reply, error);
    }
  });
  app.get<ProjectRoute>(`${path}/metrics`, async (request) => {
    const caller = await callerWith(request, "projects.view");
    const withIntervals = flagIn(request.query, "with_ci", false);
    return metricsAnswer(await operations.metrics(caller, request.params.id, withIntervals));
  });
  app.get<ProjectRoute>(`${path}/lane-overrides`, async (request) => {
    const caller = await callerWith(request, "projects.view");
    return overridesAnswer(await operations.laneOverrides(caller, request.params.id));
  });
  app.get<ProjectRoute>(`${path}/risk-heatmap`, async (request) => {
    const caller = await callerWith(request, "projects.view");
    return heatmapAnswer(await operations.riskHeatmap(caller, request.params.id));
  });
  app.get<ProjectRoute>(`${path}/estimation-drift`, async (request) => {
    const caller = await callerWith(request, "projects.view");
    const laneId = numberIn(request.query, "lane_id", LANE_ALLOWED);
    if (laneId === undefined) throw badInput("lane_id", null, LANE_ALLOWED);
    return driftAnswer(await operations.estimationDrift(caller, request.params.id, laneId));
  });
}

/** The seed answers 422 for a number out of range in the query of a simulation. */
function unprocessable(reply: FastifyReply, error: unknown): FastifyReply {
  const told = inRestWords(error);
  if (!isCodedError(told) || told.code !== "BAD_USER_INPUT") throw error;
  const { field, value, allowed } = told.details;
  return sendProblem(reply, {
    status: UNPROCESSABLE,
    code: told.code,
    detail: told.message,
    field,
    value,
    allowed,
  });
}
