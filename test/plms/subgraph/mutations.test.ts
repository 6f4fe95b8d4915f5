import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { waitFor } from "../../../lib/wait.ts";
import { insertProject } from "../fixtures.ts";
import { ask, dataOf, identity, startPas, startPlms, type RunningPlms } from "../support.ts";

let database: TestDatabase;
let pas: Awaited<ReturnType<typeof startPas>>;
let plms: RunningPlms;

beforeAll(async () => {
  [database, pas] = await Promise.all([createTestDatabase(), startPas({ speed: 60_000, batchMs: 20 })]);
  plms = await startPlms(database, { pasUrl: pas.baseUrl });
  pas.setWebhookUrl(plms.url);
});
afterAll(async () => {
  await pas.close();
  await plms.close();
  await database.close();
});

const START = `mutation ($input: StartProjectInput!, $key: String!) { startProject(input: $input, idempotencyKey: $key) {
  __typename ... on StartProjectSuccess { replayed run { id kind status writeSandbox } } ... on UserError { code message }
  ... on InvalidInput { field allowed } ... on Unavailable { retryAfterMs }
} }`;
const start = async (input: object, key: string) =>
  (await ask(plms, START, { input, key })).data?.["startProject"];

const RUN = `query ($id: ID!) { projectRun(id: $id) {
  status validationPass tasksCompleted usdSpent project { status } receipts { totalCount }
} }`;
const runOf = async (id: string) => {
  const answer = ask(plms, RUN, { id });
  return (await dataOf<{ projectRun: { status: string; tasksCompleted: number } }>(answer)).projectRun;
};

describe("startProject", () => {
  test("runs the seed's story: started once, replayed, reported to the end", async () => {
    const { id: projectId } = await insertProject(database, { tasks: ["simple", "simple", "complex"] });
    const first = (await start({ projectId }, "test-uuid-12345")) as { run: { id: string } };
    expect(first).toMatchObject({
      __typename: "StartProjectSuccess",
      replayed: false,
      run: { kind: "BASELINE", status: "EXECUTING", writeSandbox: false },
    });
    await waitFor(async () => (await runOf(first.run.id)).status === "COMPLETED");
    expect(await runOf(first.run.id)).toMatchObject({
      validationPass: true,
      tasksCompleted: 3,
      project: { status: "COMPLETED" },
      receipts: { totalCount: 3 },
    });
    expect(await start({ projectId }, "test-uuid-12345")).toMatchObject({
      replayed: true,
      run: { id: first.run.id, status: "COMPLETED" },
    });
  });

  test("passes on the kind and the sandbox", async () => {
    const { id: projectId } = await insertProject(database);
    expect(await start({ projectId, runKind: "HOTFIX", writeSandbox: true }, "hotfix")).toMatchObject({
      run: { kind: "HOTFIX", writeSandbox: true },
    });
  });

  test("says what is wrong as a value, not as an error", async () => {
    const { id: projectId } = await insertProject(database);
    const { id: emptyId } = await insertProject(database, { tasks: [] });
    expect(await start({ projectId, writeSandbox: true }, "k1")).toMatchObject({
      __typename: "InvalidInput",
      code: "BAD_USER_INPUT",
      field: "input.writeSandbox",
    });
    expect(await start({ projectId }, "")).toMatchObject({
      __typename: "InvalidInput",
      field: "idempotencyKey",
      allowed: "1-255 printable ASCII characters",
    });
    expect(await start({ projectId: "777777" }, "k2")).toMatchObject({
      __typename: "NotFound",
      code: "NOT_FOUND",
    });
    expect(await start({ projectId: emptyId }, "k3")).toMatchObject({
      __typename: "Conflict",
      code: "CONFLICT",
    });
    await start({ projectId }, "k4");
    expect(await start({ projectId, runKind: "HOTFIX" }, "k4")).toMatchObject({
      __typename: "Conflict",
      code: "IDEMPOTENCY_KEY_REUSED",
    });
    pas.setFaults([{ path: "/pas/*", mode: "status", status: 503 }]);
    expect(await start({ projectId, allowConcurrent: true }, "k5")).toMatchObject({
      __typename: "Unavailable",
      code: "EXECUTOR_UNAVAILABLE",
      retryAfterMs: 1000,
    });
    pas.setFaults([]);
    expect(await start({ projectId, allowConcurrent: true }, "k5")).toMatchObject({
      __typename: "StartProjectSuccess",
      replayed: false,
    });
  });

  test("refuses an unknown kind as a request that cannot be valid", async () => {
    const { errors } = await ask(plms, START, { input: { projectId: "1", runKind: "FAST" }, key: "k" });
    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT" } }]);
  });

  test("loses nothing when webhooks come twice, in the wrong order, late or forged", async () => {
    pas.setFaults([
      { path: "/webhooks/*", mode: "forged", count: 1 },
      { path: "/webhooks/*", mode: "duplicate", count: 2 },
      { path: "/webhooks/*", mode: "reordered", latencyMs: 50, count: 1 },
      { path: "/webhooks/*", mode: "lost", count: 1 },
    ]);
    const { id: projectId } = await insertProject(database, {
      tasks: Array.from({ length: 60 }, () => "simple" as const),
    });
    const { run } = (await start({ projectId }, "faults")) as { run: { id: string } };
    await waitFor(
      async () => {
        const { status, tasksCompleted } = await runOf(run.id);
        return status === "COMPLETED" && tasksCompleted === 60;
      },
      { what: "all of the run to be reported" },
    );
    expect(await runOf(run.id)).toMatchObject({ receipts: { totalCount: 60 } });
    expect(pas.deliveries().forgedAccepted).toBe(0);
    pas.setFaults([]);
  });
});

describe("simulateProject", () => {
  const SIMULATE = `mutation ($input: SimulateProjectInput!) { simulateProject(input: $input) {
    __typename ... on Simulation { project { id } estimated { tokens durationMs costUsd } strata { complexity tasksTotal tasksSampled meanCostUsd }
      tasksTotal tasksSampled requestedPct effectivePct strataCoverage autoBumped seed warnings }
    ... on UserError { code message } ... on InvalidInput { field allowed }
  } }`;
  const simulate = async (input: object, as = identity()) =>
    (await ask(plms, SIMULATE, { input, as })).data?.["simulateProject"];

  test("estimates the project without the executor", async () => {
    const { id: projectId } = await insertProject(database, { tasks: ["trivial", "very_complex"] });
    const before = pas.requests();
    expect(await simulate({ projectId, seed: 5 })).toEqual({
      __typename: "Simulation",
      project: { id: projectId },
      estimated: { tokens: 2000, durationMs: 120_000, costUsd: 0.2 },
      strata: [
        { complexity: "TRIVIAL", tasksTotal: 1, tasksSampled: 1, meanCostUsd: 0.1 },
        { complexity: "VERY_COMPLEX", tasksTotal: 1, tasksSampled: 1, meanCostUsd: 0.1 },
      ],
      tasksTotal: 2,
      tasksSampled: 2,
      requestedPct: 0.01,
      effectivePct: 1,
      strataCoverage: 1,
      autoBumped: true,
      seed: 5,
      warnings: [expect.stringContaining("2 of 2 tasks"), expect.stringContaining("more than the usual 5 %")],
    });
    expect(pas.requests()).toEqual(before);
  });

  test("has a canary's run remember the seed and who started it", async () => {
    const { id: projectId } = await insertProject(database, { tasks: ["trivial", "complex"] });
    const query = `mutation ($input: SimulateProjectInput!) { simulateProject(input: $input) {
      ... on Simulation { run { startedBy rehearsalSeed rehearsalPct } } } }`;
    const input = { projectId, seed: 7, executor: "CANARY" };
    expect(await dataOf(ask(plms, query, { input }))).toEqual({
      simulateProject: { run: { startedBy: "ada", rehearsalSeed: 7, rehearsalPct: 0.01 } },
    });
  });

  test("says what is wrong as a value, not as an error", async () => {
    const { id: projectId } = await insertProject(database);
    expect(await simulate({ projectId, rehearsalPct: 0.5 })).toMatchObject({
      __typename: "InvalidInput",
      field: "input.rehearsalPct",
    });
    expect(await simulate({ projectId }, identity({ tenant: "acme" }))).toMatchObject({
      __typename: "NotFound",
    });
  });
});
