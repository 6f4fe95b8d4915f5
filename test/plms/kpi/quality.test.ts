import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { calibrateRun } from "../../../subgraphs/plms/operations/calibrate-run.ts";
import { recordReceipts } from "../../../subgraphs/plms/operations/record-receipts.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { waitFor } from "../../../lib/wait.ts";
import { insertProject, insertRun, type InsertedRun } from "../fixtures.ts";
import {
  ask,
  createTestPorts,
  dataOf,
  identity,
  postWebhook,
  startPlms,
  type RunningPlms,
  type TestPorts,
} from "../support.ts";

let database: TestDatabase;
let plms: RunningPlms;
let ports: TestPorts;

beforeAll(async () => {
  database = await createTestDatabase();
  ports = createTestPorts(database, { baseUrl: "http://127.0.0.1:9" });
  plms = await startPlms(database, { env: { RECONCILE_SECONDS: "3600" } });
});
afterAll(async () => {
  await plms.close();
  await Promise.all([database.close(), ports.executor.close()]);
});

const boss = identity({ subject: "grace", scopes: ["projects.view", "projects.manage"] });
const RUN = `query ($id: ID!) { projectRun(id: $id) { status statusReason validationPass
  qualityOverride { reason by at } echo { lane { id } receipts mean least minCos mode pass }
  kpiResults { kpi value threshold pass isAdvisory detail }
  project { status approvals { gate status approver reason run { id } } } } }`;
type Shown = { projectRun: Record<string, unknown> & { status: string } };
const shown = async (id: string) => (await dataOf<Shown>(ask(plms, RUN, { as: boss, id }))).projectRun;

const setGate = (input: object, as = boss) =>
  ask(
    plms,
    `mutation ($input: SetEchoGateInput!) { setEchoGate(input: $input) {
      ... on SetEchoGateSuccess { project { echoGate { mode minCos lanes { lane { id } minCos } } } }
      ... on InvalidInput { code field allowed } ... on UserError { code } } }`,
    { as, input },
  );
const override = (runId: string, reason = "Read by two of us, it is fine", as = boss) =>
  ask(
    plms,
    `mutation ($runId: ID!, $reason: String!) { overrideQuality(runId: $runId, reason: $reason) {
      ... on OverrideQualitySuccess { run { status validationPass } }
      ... on InvalidInput { code field } ... on UserError { code message } } }`,
    { as, runId, reason },
  );

const charge = (run: InsertedRun, echoCos: (number | null)[]) =>
  recordReceipts(ports, {
    messageId: `echo-${run.id}-${echoCos.length}`,
    executorRunId: run.executorRunId,
    charges: echoCos.map((cos, index) => ({
      receiptId: `e-${index}`,
      taskId: run.taskIds[index % run.taskIds.length] ?? "",
      laneId: 4200,
      provider: "gpt-4",
      tokens: 900,
      durationMs: 60_000,
      costUsd: 0.1,
      echoCos: cos,
      status: "succeeded" as const,
      occurredAt: ports.clock.now(),
    })),
  });
const complete = (run: InsertedRun, validation_pass: boolean | null = true) =>
  postWebhook(`${plms.url}/webhooks/pas/completion`, {
    project_id: run.projectId,
    run_id: run.executorRunId,
    validation_pass,
  });

describe("the echo gate of a project", () => {
  test("is advisory at 0.82 until it is changed, by lane where that is wanted", async () => {
    const { id: projectId } = await insertProject(database);
    const gate = async (input: object) =>
      (await setGate({ projectId, ...input })).data?.["setEchoGate"] as { project: { echoGate: object } };
    expect((await gate({})).project.echoGate).toEqual({ mode: "ADVISORY", minCos: 0.82, lanes: [] });
    await gate({ mode: "REQUIRED", lanes: [{ laneId: 4200, minCos: 0.85 }] });
    expect((await gate({ minCos: 0.8 })).project.echoGate).toEqual({
      mode: "REQUIRED",
      minCos: 0.8,
      lanes: [{ lane: { id: 4200 }, minCos: 0.85 }],
    });
  });

  test.each([
    [{ minCos: 1.1 }, "input.minCos"],
    [{ minCos: -1.1 }, "input.minCos"],
    [{ lanes: [{ laneId: 4200, minCos: 2 }] }, "input.lanes.0.minCos"],
    [{ lanes: [{ laneId: 7, minCos: 0.5 }] }, "input.lanes.0.laneId"],
    [{ lanes: [4200, 4200].map((laneId) => ({ laneId, minCos: 0.5 })) }, "input.lanes.1.laneId"],
    [{ lanes: Array.from({ length: 101 }, () => ({ laneId: 4200, minCos: 0.5 })) }, "input.lanes"],
  ])("refuses %j", async (input, field) => {
    const { id: projectId } = await insertProject(database);
    expect((await setGate({ projectId, ...input })).data).toMatchObject({
      setEchoGate: { code: "BAD_USER_INPUT", field },
    });
  });

  test("is nobody's business who may not manage it, or is of another tenant", async () => {
    const { id: projectId } = await insertProject(database, { tenant: "acme" });
    expect((await setGate({ projectId })).data).toEqual({ setEchoGate: { code: "NOT_FOUND" } });
    expect((await setGate({ projectId }, identity())).errors).toMatchObject([
      { message: "Missing scope: projects.manage" },
    ]);
  });

  test("leaves a run alone while it is advisory, and shows what it would say", async () => {
    const run = await insertRun(database);
    await charge(run, [0.7, 0.8, null]);
    await complete(run);
    expect(await shown(run.id)).toMatchObject({
      status: "COMPLETED",
      echo: [
        { receipts: 2, mean: expect.closeTo(0.75), least: 0.7, minCos: 0.82, mode: "ADVISORY", pass: false },
      ],
    });
  });

  test("holds a run back when it is required and a lane falls short", async () => {
    const run = await insertRun(database);
    await setGate({ projectId: run.projectId, mode: "REQUIRED" });
    await charge(run, [0.7, 0.8]);
    await complete(run);
    await waitFor(async () => (await shown(run.id)).status === "NEEDS_REVIEW");
    expect(await shown(run.id)).toMatchObject({
      validationPass: false,
      statusReason: "echo_cos of lane 4200 is 0.75, not >= 0.82",
      kpiResults: [{ kpi: "echo_cos", threshold: 0.82, pass: false, isAdvisory: false }],
    });
  });

  test("holds a run back when it is required and nobody measured", async () => {
    const run = await insertRun(database);
    await setGate({ projectId: run.projectId, mode: "REQUIRED" });
    await charge(run, [null]);
    await complete(run);
    await waitFor(async () => (await shown(run.id)).status === "NEEDS_REVIEW");
    expect(await shown(run.id)).toMatchObject({
      echo: [{ receipts: 0, mean: null, pass: null }],
      kpiResults: [{ pass: false, detail: "No receipt tells how similar its result is to the request" }],
    });
  });

  test("completes a run that meets it, and the project with it", async () => {
    const run = await insertRun(database);
    await setGate({ projectId: run.projectId, mode: "REQUIRED", lanes: [{ laneId: 4200, minCos: 0.7 }] });
    await charge(run, [0.7, 0.8]);
    await complete(run);
    await waitFor(async () => (await shown(run.id)).status === "COMPLETED");
    expect(await shown(run.id)).toMatchObject({ validationPass: true, project: { status: "COMPLETED" } });
  });
});

describe("letting a run pass that needs review", () => {
  test("completes it, says who and why, and keeps what its validation found", async () => {
    const run = await insertRun(database);
    await complete(run, false);
    expect((await override(run.id)).data).toEqual({
      overrideQuality: { run: { status: "COMPLETED", validationPass: false } },
    });
    expect(await shown(run.id)).toMatchObject({
      qualityOverride: { reason: "Read by two of us, it is fine", by: "grace" },
      statusReason: "Let pass by grace: Read by two of us, it is fine",
      project: {
        status: "COMPLETED",
        approvals: [{ gate: "QUALITY_OVERRIDE", status: "APPROVED", approver: "grace", run: { id: run.id } }],
      },
    });
  });

  test("does not make it teach the estimates", async () => {
    const run = await insertRun(database);
    await charge(run, [0.9]);
    await complete(run, false);
    await override(run.id);
    await calibrateRun(ports, run.id);
    const decided = await database.db
      .selectFrom("plms.calibrations")
      .select(["outcome", "reason"])
      .where("run_id", "=", run.id)
      .execute();
    expect(decided).toEqual([
      { outcome: "excluded", reason: "a person let it pass, its validation did not" },
    ]);
  });

  test("is done once: the second of two is told so, and one approval is recorded", async () => {
    const run = await insertRun(database);
    await complete(run, false);
    const answers = await Promise.all([override(run.id), override(run.id)]);
    expect(answers.filter(({ data }) => JSON.stringify(data).includes("CONFLICT"))).toHaveLength(1);
    expect((await shown(run.id))["project"]).toMatchObject({ approvals: [{ status: "APPROVED" }] });
  });

  test("is for runs that need review, of the caller's tenant, with a reason and the scope", async () => {
    const executing = await insertRun(database);
    const foreign = await insertRun(database, {}, { tenant: "acme" });
    expect((await override(executing.id)).data).toMatchObject({ overrideQuality: { code: "CONFLICT" } });
    for (const id of [foreign.id, "999999999", "x"]) {
      expect((await override(id)).data).toMatchObject({ overrideQuality: { code: "NOT_FOUND" } });
    }
    for (const reason of ["", "  ", "a\u0000b", "x".repeat(501)]) {
      expect((await override(executing.id, reason)).data).toMatchObject({
        overrideQuality: { code: "BAD_USER_INPUT", field: "reason" },
      });
    }
    expect((await override(executing.id, "why not", identity())).errors).toMatchObject([
      { message: "Missing scope: projects.manage" },
    ]);
  });
});
