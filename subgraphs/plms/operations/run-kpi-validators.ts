import { withinMs } from "../../../lib/deadline.ts";
import { CodedError, messageOf, notFound } from "../../../lib/errors.ts";
import type { Log } from "../../../lib/log.ts";
import { echoResults } from "../domain/echo-gate.ts";
import { isKpiName, KPIS, meets, type KpiCheck, type KpiName, type KpiResult } from "../domain/kpi.ts";
import { isRowId } from "../../kit/row-id.ts";
import type { Run } from "../domain/run.ts";
import { findRuns } from "./find.ts";
import { NotMeasurable, type KpiReceipt } from "./kpi-ports.ts";
import type { Ports } from "../ports.ts";
import type { Principal } from "./principal.ts";

type KpiRunPorts = Pick<Ports, "kpiValidators" | "kpiResults" | "quality" | "usableKpis" | "clock">;

export interface Validation {
  run: Run;
  results: readonly KpiReceipt[];
}

/**
 * Measures the KPIs of a run of the tenant and ends its validation: completed when all gates are met, needs review
 * otherwise.
 *
 * @throws CodedError NOT_FOUND; CONFLICT while the executor still works on it, or when it is over
 */
export async function runKpiValidators(
  ports: KpiRunPorts & Pick<Ports, "runs">,
  principal: Pick<Principal, "tenant">,
  runId: string,
): Promise<Validation> {
  const [run] = isRowId(runId) ? await findRuns(ports, principal.tenant, [runId]) : [];
  if (!run) throw notFound("Run", runId);
  if (run.status !== "validating" && run.status !== "needs_review") throw notWaiting(run);
  const settled = await validateRun(ports, run);
  if (!settled) throw notWaiting(run);
  const results = await ports.kpiResults.byRuns([run.id]);
  return { run: settled, results: results.get(run.id) ?? [] };
}

/** Measures and settles; undefined when another call settled the run meanwhile. */
async function validateRun(ports: KpiRunPorts, run: Run): Promise<Run | undefined> {
  const echoes = await ports.quality.echoes([run.id]);
  const results = echoResults(echoes.get(run.id) ?? []);
  for (const check of await checksOf(ports, run)) results.push(await resultOf(ports, run, check));
  const failed = results.filter(({ pass, isAdvisory }) => !pass && !isAdvisory);
  const reason = failed.length === 0 ? null : failed.map(sentence).join("; ").slice(0, LONGEST_REASON);
  return ports.kpiResults.settle(run, results, { reason, at: ports.clock.now() });
}

/** Where nothing is configured to measure KPIs with, the executor's word stands for them. */
const checksOf = async ({ kpiResults, usableKpis }: KpiRunPorts, run: Run): Promise<KpiCheck[]> =>
  usableKpis.length === 0 ? [] : kpiResults.checksOf(run);

/** Runs that one round validates. */
const MOST_AT_ONCE = 20;

/** Validates the runs of every tenant that wait for it; one that cannot be validated waits for the next round. */
export async function validateWaiting(ports: KpiRunPorts, log: Log): Promise<void> {
  for (const run of await ports.kpiResults.waiting(MOST_AT_ONCE)) {
    await validateRun(ports, run).catch((err: unknown) =>
      log.error({ err, runId: run.id }, "could not validate a run"),
    );
  }
}

const LONGEST_REASON = 500;
const SAFE_NAME = /^[\w-][\w.-]{0,127}$/;

async function resultOf({ kpiValidators }: KpiRunPorts, run: Run, check: KpiCheck): Promise<KpiResult> {
  if (!isKpiName(check.kpi)) {
    return { ...check, value: false, pass: false, isAdvisory: false, detail: "No such KPI is registered" };
  }
  const { failureValue } = KPIS[check.kpi];
  try {
    const { value, detail } = await measured(kpiValidators, check.kpi, folderOf(run, check));
    return { ...check, value, detail, pass: meets(value, check), isAdvisory: false };
  } catch (error) {
    // A measurement that failed never passes, whatever the gate makes of its failure value.
    return { ...check, value: failureValue, pass: false, isAdvisory: false, detail: messageOf(error) };
  }
}

async function measured(validators: KpiRunPorts["kpiValidators"], name: KpiName, folder: string) {
  const validator = validators.get(name);
  if (!validator || validator.missing !== null) {
    throw new NotMeasurable(`${name} cannot be measured: ${validator?.missing ?? "it is not installed"}`);
  }
  const { timeoutMs } = validator;
  const deadline = new AbortController();
  return withinMs(validator.measure(folder, deadline.signal), timeoutMs, () => {
    deadline.abort();
    throw new NotMeasurable(`not measured within ${timeoutMs / 1000} s`);
  });
}

/** Names from outside become part of a path only when they cannot lead anywhere else. */
function folderOf({ projectId, executorRunId }: Run, { laneId, taskId }: KpiCheck): string {
  if (executorRunId === null || !SAFE_NAME.test(executorRunId)) {
    throw new NotMeasurable("the executor's id of the run cannot be the name of a folder");
  }
  return `project-${projectId}/${executorRunId}/${taskId === null ? `lane-${laneId}` : `task-${taskId}`}`;
}

const sentence = ({ kpi, operator, threshold, value, laneId }: KpiResult): string =>
  `${kpi} of lane ${laneId} is ${String(value)}, not ${operator} ${JSON.stringify(threshold)}`;

const notWaiting = ({ id, status }: Run) =>
  new CodedError(
    "CONFLICT",
    `Run ${id} is ${status.replace("_", " ")}; KPIs are validated when the executor has finished and before the run is over`,
  );
