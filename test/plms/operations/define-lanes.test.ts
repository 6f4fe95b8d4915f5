import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { ask, dataOf, identity, startPlms, tellManager, type RunningPlms } from "../support.ts";

let database: TestDatabase;
let folder: string;
let file: string;

beforeAll(async () => {
  database = await createTestDatabase();
  folder = mkdtempSync(join(tmpdir(), "lifecycle-lanes-"));
  file = join(folder, "lanes.json");
});
afterAll(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

const lane = (changes: object = {}) => ({ id: 4200, name: "Code", maxConcurrent: 4, ...changes });
const DEFINE = `mutation ($lanes: [LaneInput!]!) { defineLanes(lanes: $lanes) {
  __typename
  ... on DefineLanesSuccess { lanes { id name maxConcurrent isFromFile providers { name version } gates { kpi operator threshold } } }
  ... on UserError { code message } } }`;
const operator = identity({ scopes: ["projects.view", "lanes.manage"] });

async function define(plms: RunningPlms, ...lanes: object[]) {
  const answer = await ask(plms, DEFINE, { as: operator, lanes });
  return (await dataOf<{ defineLanes: Record<string, unknown> }>(Promise.resolve(answer))).defineLanes;
}

async function started(content: unknown, work: (plms: RunningPlms) => Promise<void>): Promise<void> {
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  const plms = await startPlms(database, { env: { LANES_FILE: file } });
  try {
    await work(plms);
  } finally {
    await plms.close();
  }
}

test("a file makes lanes at start, changes them at the next start, and leaves alone what it does not name", async () => {
  await started(
    { lanes: [lane({ providers: { "gpt-4": "0613" } }), lane({ id: 5100, name: "Data" })] },
    async () => undefined,
  );
  const next = lane({ maxConcurrent: 9, gates: [{ kpi: "linter_pass", operator: "==", threshold: true }] });
  await started({ lanes: [next] }, async (plms) => {
    const { lanes } = await tellManager<{ lanes: object[] }>(
      plms,
      "{ lanes { id name maxConcurrent isFromFile providers { name version } gates { kpi } } }",
    );
    expect(lanes).toEqual([
      {
        id: 4200,
        name: "Code",
        maxConcurrent: 9,
        isFromFile: true,
        providers: [{ name: "gpt-4", version: "0613" }],
        gates: [{ kpi: "linter_pass" }],
      },
      expect.objectContaining({ id: 5100, maxConcurrent: 4, isFromFile: false }),
    ]);
  });
});

test("what the file says is changed in the file alone, everything else by the mutation, which leaves its trace", async () => {
  await started({ lanes: [lane()] }, async (plms) => {
    expect(await define(plms, lane({ maxConcurrent: 1 }))).toMatchObject({
      __typename: "Conflict",
      message: "Lane 4200 is defined by the file in LANES_FILE; change it there and start again",
    });
    expect(await define(plms, { id: 5100, name: "Data-Schema", gates: [] })).toMatchObject({
      lanes: [{ id: 4200 }, { id: 5100, name: "Data-Schema", maxConcurrent: 4, gates: [] }],
    });
  });
  const entries = await database.db
    .selectFrom("plms.audit_log")
    .selectAll()
    .where("action", "=", "defineLanes")
    .execute();
  expect(entries.map(({ code }) => code)).toEqual(["CONFLICT", null]);
});

test("lanes exchange their names, and a name that belongs to another lane is refused", async () => {
  await started(
    { lanes: [lane({ id: 7000, name: "Seven" }), lane({ id: 8000, name: "Eight" })] },
    async () => undefined,
  );
  await started(
    { lanes: [lane({ id: 7000, name: "Eight" }), lane({ id: 8000, name: "Seven" })] },
    async (plms) => {
      expect(await define(plms, { id: 9000, name: "Eight" })).toMatchObject({
        code: "CONFLICT",
        message: 'The name "Eight" belongs to lane 7000',
      });
    },
  );
});

test("a provider has one version, whichever lane it works in", async () => {
  await started({ lanes: [lane({ id: 1, name: "One", providers: { p: "1" } })] }, async (plms) => {
    const second = { id: 2, name: "Two", providers: [{ name: "p", version: "2" }] };
    expect(await define(plms, second)).toMatchObject({
      code: "CONFLICT",
      message: "Provider p would have versions 1 and 2; change all of its lanes at once",
    });
    const { lanes } = await tellManager<{ lanes: { id: number }[] }>(plms, "{ lanes { id } }");
    expect(lanes.map(({ id }) => id)).not.toContain(2);
  });
});

test("a run is done by the providers of the lanes of its tasks", async () => {
  await started(
    { lanes: [lane({ id: 1, name: "One", providers: { p: "1" } }), lane({ id: 3, name: "Three" })] },
    async (plms) => {
      const create = async (laneId: number) => {
        const { createProject } = await tellManager<{ createProject: { project: { id: string } } }>(
          plms,
          `mutation ($laneId: Int!) { createProject(input: { name: "P", tasks: [{ name: "T", laneId: $laneId }] }) {
          ... on CreateProjectSuccess { project { id } } } }`,
          { laneId },
        );
        await ask(
          plms,
          `mutation ($id: ID!) { startProject(input: { projectId: $id }, idempotencyKey: "k${laneId}") { __typename } }`,
          {
            id: createProject.project.id,
          },
        );
        const run = await database.db
          .selectFrom("plms.project_runs")
          .select("provider_matrix")
          .where("project_id", "=", createProject.project.id)
          .executeTakeFirstOrThrow();
        return run.provider_matrix;
      };
      expect(await create(1)).toEqual({ p: "1" });
      expect(Object.keys(await create(3))).toEqual(["gpt-4", "llama3.1"]);
    },
  );
});

test.each([
  ["not JSON", "{", /LANES_FILE .*lanes\.json cannot be used: .*JSON/],
  ["a strange field", { lanes: [lane({ cap: 4 })] }, /lanes\.0: .*cap/],
  [
    "a cap of nothing",
    { lanes: [lane({ maxConcurrent: 0 })] },
    /lanes\.0\.maxConcurrent: 0 is not allowed; expected a whole number/,
  ],
  ["no lanes", { lanes: [] }, /lanes: "0 lanes" is not allowed; expected 1 to 200 lanes/],
  [
    "a KPI that does not exist",
    { lanes: [lane({ gates: [{ kpi: "luck", operator: ">", threshold: 1 }] })] },
    /lanes\.0\.gates\.0\.kpi/,
  ],
])("a file with %s stops the start with the reason", async (_what, content, message) => {
  await expect(started(content, async () => undefined)).rejects.toThrow(message);
});

test("a task in an installation without lanes is told where lanes come from", async () => {
  const empty = await createTestDatabase();
  const plms = await startPlms(empty);
  const { createProject } = await tellManager<{ createProject: { message: string } }>(
    plms,
    `mutation { createProject(input: { name: "P", tasks: [{ name: "T", laneId: 1 }] }) { ... on UserError { message } } }`,
  );
  expect(createProject.message).toContain("there are none yet: LANES_FILE or defineLanes makes them");
  await plms.close();
  await empty.close();
});
