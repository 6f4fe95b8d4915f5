import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDocuments } from "../../../subgraphs/plms/adapters/documents.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { temporaryFolder } from "../../support/temporary-folders.ts";
import { insertProject } from "../fixtures.ts";
import { ask, dataOf, identity, startPas, startPlms, type RunningPlms } from "../support.ts";

let database: TestDatabase;
let pas: Awaited<ReturnType<typeof startPas>>;
let plms: RunningPlms;

beforeAll(async () => {
  [database, pas] = await Promise.all([createTestDatabase(), startPas()]);
  plms = await startPlms(database, { pasUrl: pas.baseUrl, env: { GIT_COMMIT: "abc1234" } });
});
afterAll(async () => {
  await plms.close();
  await Promise.all([database.close(), pas.close()]);
});

const START = `mutation ($id: ID!, $key: String!) { startProject(input: { projectId: $id }, idempotencyKey: $key) {
  ... on StartProjectSuccess { replayed run { id passport {
    runId projectId runKind providerMatrix capabilities prdSha prdSource env { gitCommit runtimeVersion os } createdAt
  } } } ... on UserError { code } } }`;

describe("a started run", () => {
  test("says in the extensions whether it was replayed, and until when the key holds", async () => {
    const { id } = await insertProject(database);
    const first = await ask(plms, START, { id, key: "ext" });
    const again = await ask(plms, START, { id, key: "ext" });
    expect(first.extensions).toEqual({
      idempotency: { key: "ext", replayed: false, expiresAt: expect.stringMatching(/Z$/) },
    });
    expect(again.extensions).toEqual({
      idempotency: { ...(first.extensions?.["idempotency"] as object), replayed: true },
    });
    expect((await ask(plms, "{ lanes { id } }")).extensions).toBeUndefined();
  });

  test("has a passport with everything that a replay needs to know", async () => {
    const { id } = await insertProject(database);
    const { startProject } = await dataOf<{ startProject: { run: { id: string; passport: unknown } } }>(
      ask(plms, START, { id, key: "passport" }),
    );
    expect(startProject.run.passport).toEqual({
      runId: startProject.run.id,
      projectId: id,
      runKind: "BASELINE",
      providerMatrix: { "gpt-4": "0613", "llama3.1": "8b" },
      capabilities: { kpi_validators: expect.any(Array), lane_caps: { "4200": expect.any(Number) } },
      prdSha: expect.stringMatching(/^[0-9a-f]{16}$/),
      prdSource: "DEFINITION",
      env: {
        gitCommit: "abc1234",
        runtimeVersion: `node ${process.version}`,
        os: expect.stringContaining(process.platform),
      },
      createdAt: expect.any(String),
    });
  });
});

describe("over GraphQL", () => {
  test("a batch has a result for each input", async () => {
    const { id } = await insertProject(database);
    const query = `mutation ($inputs: [StartProjectInput!]!) { startProjects(inputs: $inputs, idempotencyKey: "batch") {
      __typename ... on UserError { code } ... on StartProjectSuccess { run { caps { tokens durationMinutes } } } } }`;
    const inputs = [
      { projectId: id, budgetTokens: 5, budgetDurationMinutes: 1.5 },
      { projectId: "0" },
      { projectId: id, writeSandbox: true },
    ];
    const answer = await ask(plms, query, { inputs });
    expect(answer.data?.["startProjects"]).toEqual([
      { __typename: "StartProjectSuccess", run: { caps: { tokens: 5, durationMinutes: 1.5 } } },
      { __typename: "NotFound", code: "NOT_FOUND" },
      { __typename: "InvalidInput", code: "BAD_USER_INPUT" },
    ]);
    expect(answer.extensions).toMatchObject({ idempotency: { key: "batch", replayed: false } });
  });

  test("a project is created, and its run paused, resumed and cancelled", async () => {
    const as = identity({ scopes: ["projects.view", "projects.start", "projects.manage"] });
    const { createProject } = await dataOf<{ createProject: { project: { id: string } } }>(
      ask(
        plms,
        `mutation { createProject(input: { name: "New", tasks: [{ name: "T", laneId: 4200 }], budget: { usdMax: 1.5 } }) {
          ... on CreateProjectSuccess { project { id status budget { usdMax onExhausted } tasks { totalCount } } } } }`,
        { as },
      ),
    );
    expect(createProject.project).toMatchObject({
      status: "PENDING",
      budget: { usdMax: 1.5, onExhausted: "PAUSE" },
      tasks: { totalCount: 1 },
    });
    const { startProject } = await dataOf<{ startProject: { run: { id: string } } }>(
      ask(plms, START, { as, id: createProject.project.id, key: "new" }),
    );
    const steer = (call: string) =>
      dataOf(
        ask(
          plms,
          `mutation ($id: ID!) { ${call} { ... on RunControlSuccess { run { status statusReason } } ... on UserError { code } } }`,
          {
            as,
            id: startProject.run.id,
          },
        ),
      );
    expect(await steer("pauseRun(runId: $id)")).toMatchObject({ pauseRun: { run: { status: "PAUSED" } } });
    expect(await steer("resumeRun(runId: $id)")).toMatchObject({
      resumeRun: { run: { status: "EXECUTING" } },
    });
    expect(await steer(`cancelRun(runId: $id, reason: "enough")`)).toEqual({
      cancelRun: { run: { status: "CANCELLED", statusReason: "enough" } },
    });
    expect(await steer("pauseRun(runId: $id)")).toEqual({ pauseRun: { code: "CONFLICT" } });
  });

  const stranger = identity({ scopes: [] });
  test.each([
    [`createProject(input: { name: "x" }) { __typename }`, "projects.manage"],
    [`startProjects(inputs: [], idempotencyKey: "k") { __typename }`, "projects.start"],
    [`pauseRun(runId: "1") { __typename }`, "projects.start"],
    [`resumeRun(runId: "1") { __typename }`, "projects.start"],
    [`cancelRun(runId: "1", reason: "x") { __typename }`, "projects.start"],
  ])("%s needs %s", async (field, scope) => {
    expect((await ask(plms, `mutation { ${field} }`, { as: stranger })).errors).toMatchObject([
      { message: `Missing scope: ${scope}` },
    ]);
  });

  test("runs of another tenant cannot be steered", async () => {
    const { id } = await insertProject(database, { tenant: "acme" });
    const acme = identity({ tenant: "acme" });
    const { startProject } = await dataOf<{ startProject: { run: { id: string } } }>(
      ask(plms, START, { as: acme, id, key: "acme" }),
    );
    for (const call of [
      "pauseRun(runId: $id)",
      "resumeRun(runId: $id)",
      `cancelRun(runId: $id, reason: "x")`,
    ]) {
      const answer = await ask(
        plms,
        `mutation ($id: ID!) { answer: ${call} { ... on UserError { code } } }`,
        {
          id: startProject.run.id,
        },
      );
      expect(answer.data).toEqual({ answer: { code: "NOT_FOUND" } });
    }
  });
});

describe("documents", () => {
  test("are read from their folder, and from nowhere else by whatever path", async () => {
    const parent = await temporaryFolder();
    const folder = join(parent, "artifacts");
    await mkdir(join(folder, "docs"), { recursive: true });
    await writeFile(join(parent, "secret"), "secret");
    await writeFile(join(folder, "docs/prd.md"), "requirements");
    await symlink(join(parent, "secret"), join(folder, "link"));
    const documents = createDocuments(folder);
    expect(await documents.read("docs/prd.md")).toBe("requirements");
    for (const path of [
      "../secret",
      "docs/../../secret",
      "link",
      join(parent, "secret"),
      "docs",
      "nothing",
      "a\0b",
      "",
    ]) {
      expect([path, await documents.read(path)]).toEqual([path, undefined]);
    }
    expect(await createDocuments(undefined).read("docs/prd.md")).toBeUndefined();
  });

  test("decide the fingerprint of the requirements when they can be read", async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "prd.md"), "abc");
    const withFolder = await startPlms(database, { pasUrl: pas.baseUrl, env: { ARTIFACTS_DIR: folder } });
    const { id } = await insertProject(database);
    await database.db.updateTable("plms.projects").set({ prd_path: "prd.md" }).where("id", "=", id).execute();
    const answer = await ask(withFolder, START, { id, key: "document" });
    await withFolder.close();
    expect(answer.data).toMatchObject({
      // SHA-256 of "abc", FIPS 180-2.
      startProject: { run: { passport: { prdSha: "ba7816bf8f01cfea", prdSource: "DOCUMENT" } } },
    });
  });
});
