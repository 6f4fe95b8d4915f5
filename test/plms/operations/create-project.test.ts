import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createProject, type CreateProjectInput } from "../../../subgraphs/plms/operations/create-project.ts";
import { learnAll } from "../../../subgraphs/plms/operations/calibrate-run.ts";
import type { PriorVersion } from "../../../subgraphs/plms/operations/estimation-ports.ts";
import { FACTORY, type Observation } from "../../../subgraphs/plms/domain/prior.ts";
import { listProjects } from "../../../subgraphs/plms/operations/list-projects.ts";
import { runwaysOf } from "../../../subgraphs/plms/operations/runways-of.ts";
import type { Principal } from "../../../subgraphs/plms/operations/principal.ts";
import { startProject } from "../../../subgraphs/plms/operations/start-project.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { insertProject } from "../fixtures.ts";
import { createTestPorts, startPas, type TestPorts } from "../support.ts";

const ada: Principal = { tenant: "default", subject: "ada", correlationId: "test" };

let database: TestDatabase;
let pas: Awaited<ReturnType<typeof startPas>>;
let ports: TestPorts;

beforeAll(async () => {
  [database, pas] = await Promise.all([createTestDatabase(), startPas()]);
  ports = createTestPorts(database, { baseUrl: pas.baseUrl });
  await insertProject(database);
});
afterAll(() => Promise.all([database.close(), pas.close(), ports.executor.close()]));

const task = { name: "Serve it", laneId: 4200 };

describe("a new project", () => {
  test("starts from what its lanes have learnt, says so, and does not count the lesson twice", async () => {
    const teacher = { ...ada, tenant: "teacher" };
    const input = {
      name: "Next",
      tasks: [task, { ...task, estimatedCostUsd: 0.5, estimatedTokens: 1, estimatedDurationMs: 1 }],
    };
    const [before] = await ports.projects.allTasks((await createProject(ports, teacher, input)).id);
    expect(before).toMatchObject({
      estimatedTokens: 3000,
      estimatedCostUsd: 0.18,
      estimateSource: "factory",
    });
    const twice = Object.fromEntries(
      (["tokens", "durationMs", "costUsd"] as const).map((metric) => [
        metric,
        {
          perTask: 2 * FACTORY[metric].mean,
          logRatio: Math.log(2),
          tasks: { n: 0, sum: 0, sumOfSquares: 0 },
        },
      ]),
    ) as Observation;
    const prior = learnAll(
      Array.from({ length: 30 }, () => twice),
      0.3,
    );
    const learnt = {
      ...ports,
      priors: {
        ...ports.priors,
        current: async () => [{ laneId: 4200, provider: null, prior } as PriorVersion],
      },
    };
    const { id } = await createProject(learnt, teacher, input);
    const [after, given] = await ports.projects.allTasks(id);
    expect(after).toMatchObject({ estimateSource: "lane", estimatedTokens: expect.closeTo(6000, -1) });
    expect(after?.estimatedCostUsd).toBeCloseTo(0.36, 3);
    expect(given).toMatchObject({ estimateSource: null, estimatedCostUsd: 0.5 });
    const [runway] = await runwaysOf(learnt, [id]);
    // 0.36 as it was learnt, and what was given corrected by what was learnt.
    expect(runway?.projectedCostUsd).toBeGreaterThan(0.36 + 0.8);
    expect(runway?.projectedCostUsd).toBeLessThan(0.36 + 1.15);
  });

  test("is stored with its products and tasks in order, and can be started", async () => {
    const created = await createProject(ports, ada, {
      name: "Relaunch",
      prdPath: "docs/relaunch.md",
      budget: { usdMax: 2, tokensMax: 50_000, onExhausted: "kill", criticalAt: 0.8 },
      products: [{ modelId: "lx24" }, { modelId: "lx24", trimId: "lx24-luxury" }],
      tasks: [
        {
          ...task,
          complexity: "complex",
          estimatedTokens: 10,
          estimatedDurationMs: 20,
          estimatedCostUsd: 0.3,
        },
        { ...task, name: "Test it" },
      ],
    });
    expect(created).toMatchObject({
      tenant: "default",
      name: "Relaunch",
      status: "pending",
      prdPath: "docs/relaunch.md",
      budget: { usdMax: 2, tokensMax: 50_000, onExhausted: "kill", warningAt: 0.35, criticalAt: 0.8 },
    });
    expect(await ports.projects.products([created.id])).toEqual(
      new Map([
        [
          created.id,
          [
            { modelId: "lx24", trimId: null },
            { modelId: "lx24", trimId: "lx24-luxury" },
          ],
        ],
      ]),
    );
    expect(await ports.projects.allTasks(created.id)).toMatchObject([
      {
        orderIndex: 0,
        complexity: "complex",
        estimatedTokens: 10,
        estimatedDurationMs: 20,
        estimatedCostUsd: 0.3,
      },
      {
        name: "Test it",
        complexity: "moderate",
        estimatedTokens: 3000,
        estimatedDurationMs: 300_000,
        estimatedCostUsd: 0.18,
      },
    ]);
    const { run } = await startProject(ports, ada, { projectId: created.id, idempotencyKey: "relaunch" });
    expect(run).toMatchObject({ status: "executing", tasksTotal: 2 });
  });

  test("needs no more than a name", async () => {
    expect(await createProject(ports, ada, { name: "Idea" })).toMatchObject({
      prdPath: null,
      budget: { usdMax: null, tokensMax: null, onExhausted: "pause", warningAt: 0.35, criticalAt: 0.76 },
    });
  });

  test.each<[string, Partial<CreateProjectInput>]>([
    ["input.name", { name: " " }],
    ["input.name", { name: "x".repeat(201) }],
    ["input.name", { name: "a\0b" }],
    ["input.prdPath", { prdPath: "../../etc/passwd" }],
    ["input.prdPath", { prdPath: "docs/../../secret" }],
    ["input.prdPath", { prdPath: "/etc/passwd" }],
    ["input.prdPath", { prdPath: "" }],
    ["input.budget.usdMax", { budget: { usdMax: -1 } }],
    ["input.budget.tokensMax", { budget: { tokensMax: -1 } }],
    ["input.products.0.modelId", { products: [{ modelId: "" }] }],
    ["input.products.0.trimId", { products: [{ modelId: "m", trimId: "x".repeat(101) }] }],
    ["input.products", { products: Array.from({ length: 51 }, () => ({ modelId: "m" })) }],
    ["input.tasks", { tasks: Array.from({ length: 1001 }, () => task) }],
    ["input.tasks.0.name", { tasks: [{ ...task, name: "" }] }],
    ["input.tasks.0.laneId", { tasks: [{ ...task, laneId: 1 }] }],
    ["input.tasks.1.description", { tasks: [task, { ...task, description: "x".repeat(2001) }] }],
    ["input.tasks.0.estimatedTokens", { tasks: [{ ...task, estimatedTokens: -1 }] }],
    ["input.tasks.0.estimatedDurationMs", { tasks: [{ ...task, estimatedDurationMs: 1e12 }] }],
    ["input.tasks.0.estimatedCostUsd", { tasks: [{ ...task, estimatedCostUsd: 1e7 }] }],
  ])("with a bad %s is refused by name, and nothing is stored", async (field, changes) => {
    const count = async () => (await listProjects(ports, "default", { first: 100 })).totalCount;
    const before = await count();
    await expect(createProject(ports, ada, { name: "Bad", ...changes })).rejects.toMatchObject({
      code: "BAD_USER_INPUT",
      details: { field, allowed: expect.any(String) },
    });
    expect(await count()).toBe(before);
  });
});
