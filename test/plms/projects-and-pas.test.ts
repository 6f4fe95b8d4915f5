import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { waitFor } from "../../lib/wait.ts";
import { insertProject } from "./fixtures.ts";
import { ask, dataOf, identity, startPas, startPlms, type RunningPlms } from "./support.ts";

/** Projects that run at once; `LOAD_PROJECTS=100` is the load that is asked for. */
const PROJECTS = Number(process.env["LOAD_PROJECTS"] ?? 20);
const TASKS = 10;
const PATIENCE_MS = 60_000;
/** At this rate half of the runs have more than one failed task in ten: twenty of a kind come once in half a million times. */
const FAILURE_RATE = 0.16;

let database: TestDatabase;
let pas: Awaited<ReturnType<typeof startPas>>;
let plms: RunningPlms;

beforeAll(async () => {
  [database, pas] = await Promise.all([
    createTestDatabase(),
    startPas({ speed: 3000, failureRate: FAILURE_RATE, batchMs: 20 }),
  ]);
  plms = await startPlms(database, { pasUrl: pas.baseUrl, env: { RECONCILE_SECONDS: "3600" } });
  pas.setWebhookUrl(plms.url);
});
afterAll(async () => {
  await pas.close();
  await plms.close();
  await database.close();
});

const START = `mutation ($projectId: ID!, $key: String!) {
  startProject(input: { projectId: $projectId }, idempotencyKey: $key) {
    ... on StartProjectSuccess { replayed run { id executorRunId } } ... on UserError { code message } } }`;
interface Started {
  startProject: { replayed: boolean; run: { id: string; executorRunId: string } };
}
interface PasView {
  run_id: string;
  status: string;
  tasks_total: number;
  tasks_completed: number;
  tasks_failed: number;
  spend_usd: number;
}

const viewOf = async (runId: string): Promise<PasView> =>
  (await (await fetch(`${pas.baseUrl}/pas/runs/${runId}`)).json()) as PasView;

/** The names of a run's state: the executor's, ours in the graph, and what its validation came to. */
interface States {
  executor: string;
  run: string;
  project: string;
  validationPass: boolean | null;
}

/** The executor calls a run valid when at most a tenth of its tasks failed; it completes all of them. */
const statesOfEnded = ({ tasks_failed, tasks_total }: PasView): States => {
  const isValid = tasks_failed <= tasks_total / 10;
  const state = isValid ? "COMPLETED" : "NEEDS_REVIEW";
  return { executor: "completed", run: state, project: state, validationPass: isValid };
};

async function statesOf(runId: string, { status }: PasView): Promise<States> {
  const query = "query ($runId: ID!) { projectRun(id: $runId) { status validationPass project { status } } }";
  const { projectRun } = await dataOf<{
    projectRun: { status: string; validationPass: boolean; project: { status: string } };
  }>(ask(plms, query, { runId }));
  const { status: run, validationPass, project } = projectRun;
  return { executor: status, run, project: project.status, validationPass };
}

const recorded = () =>
  database.db
    .selectFrom("plms.project_runs as run")
    .innerJoin("plms.receipts as receipt", "receipt.run_id", "run.id")
    .select(({ fn }) => [
      "run.id",
      "run.executor_run_id",
      "run.status",
      "run.tasks_completed",
      "run.tasks_failed",
      "run.receipts_count",
      "run.usd_spent",
      fn.countAll<string>().as("receipts"),
      fn.sum<string>("receipt.cost_usd").as("usd"),
    ])
    .groupBy("run.id")
    .execute();

describe(`${PROJECTS} projects at once`, () => {
  test("are as many runs, with every receipt once, and come to what the executor reports, by the names of their states, too", async () => {
    const ids = await Promise.all(
      Array.from({ length: PROJECTS }, async (_, n) => {
        const tasks = Array.from({ length: TASKS }, () => "simple" as const);
        return (await insertProject(database, { name: `Load ${n}`, usdMax: null, tasks })).id;
      }),
    );
    const start = (projectId: string) =>
      dataOf<Started>(ask(plms, START, { as: identity(), projectId, key: `load-${projectId}` }));
    const startedAt = performance.now();
    // Everybody clicks twice.
    const answers = await Promise.all(ids.flatMap((id) => [start(id), start(id).catch(() => undefined)]));
    const executorIds = new Set(answers.flatMap((answer) => answer?.startProject.run?.executorRunId ?? []));
    const acceptedMs = performance.now() - startedAt;
    await waitFor(async () => (await recorded()).filter(isOver).length === PROJECTS, {
      timeoutMs: PATIENCE_MS,
      what: "every run to be over",
    });

    const runs = await recorded();
    expect(runs).toHaveLength(PROJECTS);
    for (const run of runs) {
      expect(executorIds.has(run.executor_run_id ?? "")).toBe(true);
      const view = await viewOf(run.executor_run_id ?? "");
      expect(figuresOf(run)).toEqual(figuresReported(view));
      expect(await statesOf(run.id, view)).toEqual(statesOfEnded(view));
    }
    // Both outcomes were there to be compared.
    expect(new Set(runs.map(({ status }) => status))).toEqual(new Set(["completed", "needs_review"]));
    const figures = {
      projects: PROJECTS,
      runs: runs.length,
      receipts: runs.reduce((sum, run) => sum + Number(run.receipts), 0),
      usd: Number(runs.reduce((sum, run) => sum + Number(run.usd_spent), 0).toFixed(6)),
      acceptedMs: Math.round(acceptedMs),
      overMs: Math.round(performance.now() - startedAt),
    };
    // For people who run the whole load.
    if (PROJECTS > 20) process.stdout.write(`${JSON.stringify(figures)}\n`);
  });
});

const isOver = ({ status }: { status: string }) => status === "completed" || status === "needs_review";

/** What is recorded of a run, as counts and sums. */
const figuresOf = (run: Awaited<ReturnType<typeof recorded>>[number]) => ({
  completed: run.tasks_completed,
  failed: run.tasks_failed,
  receipts: Number(run.receipts),
  counted: Number(run.receipts_count),
  usd: Number(run.usd_spent),
  sum: Number(run.usd),
});

/** The same as the executor reports it, which counts failed tasks as completed. */
const figuresReported = (view: PasView) => ({
  completed: view.tasks_completed - view.tasks_failed,
  failed: view.tasks_failed,
  receipts: view.tasks_total,
  counted: view.tasks_total,
  usd: expect.closeTo(view.spend_usd, 6),
  sum: expect.closeTo(view.spend_usd, 6),
});
