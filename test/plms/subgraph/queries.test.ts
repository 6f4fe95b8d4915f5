import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { insertProject, insertReceipts, insertRun } from "../fixtures.ts";
import { ask, dataOf, startPlms, type RunningPlms } from "../support.ts";

let database: TestDatabase;
let plms: RunningPlms;

beforeAll(async () => {
  database = await createTestDatabase({ seed: true });
  plms = await startPlms(database);
});
afterAll(async () => {
  await plms.close();
  await database.close();
});

describe("a project", () => {
  test("shows everything that is known of it, with enums in upper case", async () => {
    const run = await insertRun(
      database,
      {},
      { name: "Whole", usdMax: 2.5, tasks: ["simple", "very_complex"], modelIds: ["lx21"] },
    );
    await insertReceipts(database, run);
    const { id: runId, projectId: id, taskIds } = run;
    const answer = ask(
      plms,
      `query ($id: ID!) { project(id: $id) {
        id name status prdPath budget { usdMax tokensMax onExhausted warningAt criticalAt }
        products { model { id } trim { id } }
        tasks(complexity: VERY_COMPLEX) { totalCount edges { node {
          id name description complexity status estimatedTokens estimatedDurationMs estimatedCostUsd lane { id name maxConcurrent }
        } } }
        runs { edges { node {
          id kind status startedBy rehearsalPct rehearsalSeed writeSandbox validationPass providerMatrix executorRunId tasksTotal usdSpent tokensSpent
          project { id } receipts(first: 1) { totalCount pageInfo { hasNextPage } edges { node {
            taskId provider tokens costUsd echoCos status occurredAt lane { id }
          } } }
        } } }
        budgetRunway { status reason budget { usdMax usdSpent burnPerMin } minutesToDepletion projectedCostUsd projectedOverrunUsd project { id } }
      } }`,
      { id },
    );
    expect(await dataOf(answer)).toEqual({
      project: {
        id,
        name: "Whole",
        status: "APPROVED",
        prdPath: null,
        budget: { usdMax: 2.5, tokensMax: null, onExhausted: "PAUSE", warningAt: 0.35, criticalAt: 0.76 },
        products: [{ model: { id: "lx21" }, trim: null }],
        tasks: {
          totalCount: 1,
          edges: [
            {
              node: {
                id: taskIds[1],
                name: "Task 1",
                description: null,
                complexity: "VERY_COMPLEX",
                status: "PENDING",
                estimatedTokens: 1000,
                estimatedDurationMs: 60_000,
                estimatedCostUsd: 0.1,
                lane: { id: 4200, name: expect.any(String), maxConcurrent: expect.any(Number) },
              },
            },
          ],
        },
        runs: {
          edges: [
            {
              node: {
                id: runId,
                kind: "BASELINE",
                status: "EXECUTING",
                rehearsalPct: null,
                startedBy: "test",
                rehearsalSeed: null,
                writeSandbox: false,
                validationPass: null,
                providerMatrix: { "gpt-4": "0613" },
                executorRunId: run.executorRunId,
                tasksTotal: 2,
                usdSpent: 0.1,
                tokensSpent: 0,
                project: { id },
                receipts: {
                  totalCount: 2,
                  pageInfo: { hasNextPage: true },
                  edges: [
                    {
                      node: {
                        taskId: taskIds[0],
                        provider: "gpt-4",
                        tokens: 900,
                        costUsd: 0.05,
                        echoCos: 0.9,
                        status: "SUCCEEDED",
                        occurredAt: "2026-03-01T08:00:00.000Z",
                        lane: { id: 4200 },
                      },
                    },
                  ],
                },
              },
            },
          ],
        },
        budgetRunway: {
          status: "OK",
          reason: "ZERO_BURN",
          budget: { usdMax: 2.5, usdSpent: 0.1, burnPerMin: 0 },
          minutesToDepletion: null,
          projectedCostUsd: expect.closeTo(0.3, 1),
          projectedOverrunUsd: 0,
          project: { id },
        },
      },
    });
  });

  test.each(["999999", "nonsense", "1 or 1=1"])("that does not exist is null: %s", async (id) => {
    expect(
      (await ask(plms, "query ($id: ID!) { project(id: $id) { id } projectRun(id: $id) { id } }", { id }))
        .data,
    ).toEqual({
      project: null,
      projectRun: null,
    });
  });
});

describe("the list of projects", () => {
  const list =
    "query ($first: Int, $after: String, $status: ProjectStatus) { projects(first: $first, after: $after, status: $status) { totalCount pageInfo { hasNextPage hasPreviousPage endCursor } edges { node { id status } } } }";
  interface Page {
    totalCount: number;
    pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; endCursor: string | null };
    edges: { node: { id: string; status: string } }[];
  }
  const page = async (variables: Record<string, unknown>) =>
    (await dataOf<{ projects: Page }>(ask(plms, list, variables))).projects;

  test("comes in pages, oldest first, each project once", async () => {
    const seen: string[] = [];
    let last = await page({ first: 2 });
    expect(last.pageInfo.hasPreviousPage).toBe(false);
    seen.push(...last.edges.map(({ node }) => node.id));
    while (last.pageInfo.hasNextPage) {
      last = await page({ first: 2, after: last.pageInfo.endCursor });
      expect(last.pageInfo.hasPreviousPage).toBe(true);
      seen.push(...last.edges.map(({ node }) => node.id));
    }
    expect(seen).toHaveLength(last.totalCount);
    expect(seen).toEqual([...new Set(seen)].sort((a, b) => Number(a) - Number(b)));
    expect(seen.length).toBeGreaterThanOrEqual(6);
  });

  test("knows the total on the page after the last, too", async () => {
    const { pageInfo, totalCount } = await page({ first: 100 });
    expect(await page({ first: 5, after: pageInfo.endCursor })).toMatchObject({
      edges: [],
      totalCount,
      pageInfo: { hasNextPage: false },
    });
  });

  test("can be narrowed to a status", async () => {
    const { edges, totalCount } = await page({ status: "APPROVED", first: 100 });
    expect(edges.map(({ node }) => node.status)).toEqual(
      Array.from({ length: totalCount }, () => "APPROVED"),
    );
  });

  test.each([
    [{ first: 0 }, "first", "an integer from 1 to 100"],
    [{ first: 101 }, "first", "an integer from 1 to 100"],
    [{ after: "nonsense" }, "after", "a cursor taken from an earlier page"],
    [
      { after: Buffer.from("c1:1; drop table").toString("base64url") },
      "after",
      "a cursor taken from an earlier page",
    ],
  ])("refuses %j and names the argument", async (variables, field, allowed) => {
    const { errors } = await ask(plms, list, variables);
    expect(errors).toMatchObject([
      { path: ["projects"], extensions: { code: "BAD_USER_INPUT", field, allowed } },
    ]);
  });

  test("refuses a bad page of tasks in the same way, once for each project", async () => {
    const { errors } = await ask(
      plms,
      "{ projects(first: 1) { edges { node { tasks(first: 101) { totalCount } } } } }",
    );
    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", field: "first" } }]);
  });
});

describe("tasks", () => {
  test("come in execution order, in pages, narrowed to a lane", async () => {
    const { id } = await insertProject(database, { tasks: ["simple", "simple", "simple"] });
    const query =
      "query ($id: ID!, $after: String, $laneId: Int) { project(id: $id) { tasks(first: 2, after: $after, laneId: $laneId) { totalCount pageInfo { endCursor } edges { node { name } } } } }";
    const first = (await ask(plms, query, { id, laneId: 4200 })).data as {
      project: { tasks: { pageInfo: { endCursor: string } } };
    };
    expect(first).toMatchObject({
      project: {
        tasks: { totalCount: 3, edges: [{ node: { name: "Task 0" } }, { node: { name: "Task 1" } }] },
      },
    });
    const after = first.project.tasks.pageInfo.endCursor;
    expect((await ask(plms, query, { id, after })).data).toMatchObject({
      project: { tasks: { totalCount: 3, edges: [{ node: { name: "Task 2" } }] } },
    });
    await database.db.insertInto("plms.lanes").values({ id: 7, name: "Idle" }).execute();
    expect((await ask(plms, query, { id, laneId: 7 })).data).toMatchObject({
      project: { tasks: { totalCount: 0, edges: [] } },
    });
    expect((await ask(plms, query, { id, laneId: 1 })).errors).toMatchObject([
      { extensions: { code: "BAD_USER_INPUT", field: "laneId", value: "1" } },
    ]);
  });

  test("are told apart by whether a run was charged for them, and counted so", async () => {
    const run = await insertRun(database, {}, { tasks: ["simple", "simple", "simple"] });
    const charged = run.taskIds.slice(0, 2).map((task_id) => ({
      run_id: run.id,
      task_id,
      usd_spent: 0.1,
      has_succeeded: true,
      has_failed: false,
    }));
    await database.db.insertInto("plms.run_tasks").values(charged).execute();
    const names = (tasks: { totalCount: number; edges: { node: { name: string } }[] }) => [
      tasks.totalCount,
      ...tasks.edges.map(({ node }) => node.name),
    ];
    const of = "{ totalCount edges { node { name } } }";
    const { project } = await dataOf<{
      project: Record<"open" | "charged" | "all", Parameters<typeof names>[0]>;
    }>(
      ask(
        plms,
        `query ($id: ID!) { project(id: $id) {
          open: tasks(isCharged: false) ${of} charged: tasks(isCharged: true, first: 1) ${of} all: tasks(isCharged: null) ${of}
        } }`,
        { id: run.projectId },
      ),
    );
    expect(names(project.charged)).toEqual([2, "Task 0"]);
    expect(names(project.open)).toEqual([1, "Task 2"]);
    expect(names(project.all)).toEqual([3, "Task 0", "Task 1", "Task 2"]);
  });
});

test("what all runs of a project have used is added up, in money and in tokens", async () => {
  const run = await insertRun(database, { kind: "rehearsal" });
  const id = run.projectId;
  const spent = { usd_spent: 0.25, tokens_spent: 3_000_000_000 };
  await database.db.updateTable("plms.project_runs").set(spent).where("id", "=", run.id).execute();
  const another = {
    kind: "baseline" as const,
    status: "cancelled" as const,
    tasks_total: 0,
    created_by: "test",
  };
  await database.db
    .insertInto("plms.project_runs")
    .values({ project_id: id, provider_matrix: "{}", ...another, ...spent })
    .execute();
  expect(
    await dataOf(ask(plms, "query ($id: ID!) { project(id: $id) { spent { usd tokens } } }", { id })),
  ).toEqual({
    project: { spent: { usd: 0.5, tokens: 6_000_000_000 } },
  });
});

test("lanes are listed by id", async () => {
  const { lanes } = await dataOf<{ lanes: { id: number }[] }>(
    ask(plms, "{ lanes { id name maxConcurrent } }"),
  );
  const ids = lanes.map(({ id }) => id);
  expect(ids).toEqual(ids.toSorted((a, b) => a - b));
});
