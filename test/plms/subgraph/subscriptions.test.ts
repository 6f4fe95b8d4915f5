import type { ExecutionResult } from "graphql";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { waitFor } from "../../../lib/wait.ts";
import { insertRun } from "../fixtures.ts";
import {
  createTestClock,
  identity,
  postWebhook,
  receipt,
  startPlms,
  WEBHOOK_SECRET,
  type RunningPlms,
} from "../support.ts";

let database: TestDatabase;
let plms: RunningPlms;
/** Another replica on the same database, which learns of changes by hints alone. */
let other: RunningPlms;
const open: AsyncIterableIterator<ExecutionResult>[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  [plms, other] = await Promise.all([
    startPlms(database, { runwayRefreshMs: 50 }),
    startPlms(database, { runwayRefreshMs: 3_600_000 }),
  ]);
});
afterEach(async () => {
  for (const events of open.splice(0)) await events.return?.();
});
afterAll(async () => {
  await Promise.all([plms.close(), other.close()]);
  await database.close();
});

function subscribe(query: string, variables: object, at: RunningPlms = plms, as = identity()) {
  const events = at.endpoint.subscribe({
    query,
    variables: { ...variables },
    caller: { identity: as, correlationId: "test" },
  });
  open.push(events);
  return events;
}

const RUNWAY =
  "subscription ($projectId: ID!) { budgetRunway(projectId: $projectId) { status reason asOf version budget { usdSpent burnPerMin } project { id name } } }";
const RUN =
  "subscription ($runId: ID!) { runProgress(runId: $runId) { id status tasksCompleted usdSpent project { status } } }";

interface RunwayEvent {
  budgetRunway: {
    status: string;
    reason: string | null;
    asOf: string;
    version: string;
    budget: { usdSpent: number; burnPerMin: number };
  };
}

async function nextOf<T>(events: AsyncIterableIterator<ExecutionResult>): Promise<T> {
  const { value } = (await events.next()) as { value: ExecutionResult };
  expect(value.errors).toBeUndefined();
  return JSON.parse(JSON.stringify(value.data)) as T;
}

/** Takes values until one is as wanted. */
async function nextWith<T>(
  events: AsyncIterableIterator<ExecutionResult>,
  isWanted: (value: T) => boolean,
): Promise<T> {
  for (;;) {
    const value = await nextOf<T>(events);
    if (isWanted(value)) return value;
  }
}

const executingRun = (status: "executing" | "completed" = "executing") => insertRun(database, { status });

const charge = (run: { executorRunId: string; taskIds: string[] }, costUsd: number, at: RunningPlms = plms) =>
  postWebhook(`${at.url}/webhooks/pas/receipts`, {
    run_id: run.executorRunId,
    receipts: [receipt({ task_id: run.taskIds[0], cost_usd: costUsd })],
  });

describe("budgetRunway", () => {
  test("starts with the current value and follows every receipt, on whichever replica it arrives", async () => {
    const run = await executingRun();
    const here = subscribe(RUNWAY, run);
    const there = subscribe(RUNWAY, run, other);
    for (const events of [here, there]) {
      expect(await nextOf(events)).toMatchObject({
        budgetRunway: {
          status: "OK",
          reason: "NO_DATA",
          budget: { usdSpent: 0 },
          project: { id: run.projectId, name: "A project" },
        },
      });
    }
    expect((await charge(run, 0.5)).status).toBe(202);
    for (const events of [here, there]) {
      const { budgetRunway } = await nextWith<RunwayEvent>(
        events,
        (value) => value.budgetRunway.budget.usdSpent === 0.5,
      );
      expect(budgetRunway).toMatchObject({ reason: "LOW_CONFIDENCE" });
      expect(budgetRunway.budget.burnPerMin).toBeGreaterThan(0);
    }
  });

  test("turns critical when the budget is used up", async () => {
    const run = await executingRun();
    const events = subscribe(RUNWAY, run);
    await nextOf(events);
    await charge(run, 10);
    expect(
      await nextWith<RunwayEvent>(events, ({ budgetRunway }) => budgetRunway.status !== "OK"),
    ).toMatchObject({
      budgetRunway: { status: "CRITICAL", reason: "OVER_BUDGET" },
    });
  });

  test("moves with time while a run is executing, and rests when nothing does", async () => {
    const moving = subscribe(RUNWAY, await executingRun());
    const first = await nextOf<RunwayEvent>(moving);
    expect((await nextOf<RunwayEvent>(moving)).budgetRunway.version).not.toBe(first.budgetRunway.version);

    const resting = subscribe(RUNWAY, await executingRun("completed"));
    await nextOf(resting);
    const more = resting.next().then(() => "moved");
    await nextOf(moving);
    await nextOf(moving);
    expect(await Promise.race([more, Promise.resolve("rests")])).toBe("rests");
  });

  test("comes at most four times a second, however many receipts there are, and ends with the newest", async () => {
    const run = await executingRun();
    const events = subscribe(RUNWAY, run, other);
    await nextOf(events);
    const startedAt = performance.now();
    const charges = Promise.all(Array.from({ length: 40 }, () => charge(run, 0.01, other)));
    let values = 1;
    for (;;) {
      const { budgetRunway } = await nextOf<RunwayEvent>(events);
      values += 1;
      if (budgetRunway.budget.usdSpent === 0.4) break;
    }
    await charges;
    expect(values).toBeLessThanOrEqual(2 + Math.ceil((performance.now() - startedAt) / 250));
  });

  test.each(["999999", "nonsense"])("of a project that does not exist is refused: %s", async (projectId) => {
    const events = subscribe(RUNWAY, { projectId });
    expect((await events.next()).value).toMatchObject({ errors: [{ extensions: { code: "NOT_FOUND" } }] });
    expect((await events.next()).done).toBe(true);
  });

  test("G6: of another tenant's project is refused as if it did not exist", async () => {
    const run = await executingRun();
    const events = subscribe(RUNWAY, run, plms, identity({ tenant: "acme" }));
    expect((await events.next()).value).toMatchObject({ errors: [{ extensions: { code: "NOT_FOUND" } }] });
  });

  test("leaves nothing behind when its reader goes while nothing happens", async () => {
    const events = subscribe(RUNWAY, await executingRun("completed"));
    await nextOf(events);
    const waiting = events.next();
    await events.return?.();
    expect((await waiting).done).toBe(true);
  });
});

describe("runProgress", () => {
  test("starts with the current state and follows the run to its end", async () => {
    const run = await executingRun();
    const events = subscribe(RUN, { runId: run.id });
    expect(await nextOf(events)).toMatchObject({
      runProgress: { id: run.id, status: "EXECUTING", tasksCompleted: 0 },
    });
    await charge(run, 0.5);
    expect(await nextOf(events)).toMatchObject({ runProgress: { tasksCompleted: 1, usdSpent: 0.5 } });
    await postWebhook(`${plms.url}/webhooks/pas/completion`, {
      project_id: run.projectId,
      run_id: run.executorRunId,
      validation_pass: false,
    });
    expect(await nextOf(events)).toMatchObject({
      runProgress: { status: "NEEDS_REVIEW", project: { status: "NEEDS_REVIEW" } },
    });
  });

  test("of another tenant's run is refused as if it did not exist", async () => {
    const events = subscribe(RUN, { runId: (await executingRun()).id }, plms, identity({ tenant: "acme" }));
    expect((await events.next()).value).toMatchObject({ errors: [{ extensions: { code: "NOT_FOUND" } }] });
  });
});

test("closing the subgraph ends every subscription", async () => {
  const leaving = await startPlms(database, { clock: createTestClock(), secrets: WEBHOOK_SECRET });
  const events = subscribe(RUN, { runId: (await executingRun()).id }, leaving);
  await nextOf(events);
  const end = events.next();
  await leaving.close();
  expect(await waitFor(async () => (await end).done, { what: "the end of the subscription" })).toBe(true);
});
