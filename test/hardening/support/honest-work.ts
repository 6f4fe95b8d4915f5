import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import type { GatewayClient } from "../../../client/graph-client.ts";
import { waitFor } from "../../../lib/wait.ts";
import { everybody, startGoodClients } from "./good-clients.ts";
import { budgetsSeen, circuitSeen, expectNothingLost, runsOf, type Done } from "./nothing-lost.ts";
import type { StormStack } from "./storm-stack.ts";

/** People who work while others storm, and clients that follow what they do. */
interface HonestWork {
  /** What they work on: a project whose budget people change, and one whose run burns it. */
  projectIds: readonly [changed: string, burning: string];
  /** Works on until then; everything that is done is waited for on every transport. */
  goOn(untilMs: number): Promise<void>;
  /** Holds what clients got against the database and the executor. */
  expectNothingLost(): Promise<void>;
}

/** Tokens end so soon that they have to be renewed. */
const TOKEN_SECONDS = 20;
const CHANGED_EVERY_MS = 500;
/** How long the PLM is well, and then away. */
const WEATHER_MS = 1_500;
const TASKS_AT_ONCE = 4;
const SPEED = 60;
const TASK_MS = 2_000;

interface Doing extends Done {
  admin: GatewayClient;
}

/** Begins it: a run that burns for so long, and clients over every transport that follow everything. */
export async function startHonestWork(stack: StormStack, { forMs }: { forMs: number }): Promise<HonestWork> {
  const admin = await stack.fleet.admin();
  const changed = await createProject(admin, "Changed", { tasks: 2, taskMs: 100 });
  const burning = await createProject(admin, "Burning", {
    tasks: Math.ceil((forMs / TASK_MS) * TASKS_AT_ONCE),
    taskMs: TASK_MS * SPEED,
  });
  await start(admin, changed);
  await waitFor(async () => (await runsOf(stack, changed)).every(({ status }) => status === "completed"));
  let ttlSeconds = TOKEN_SECONDS;
  const clients = await startGoodClients(
    stack.fleet.urls.gateway,
    {
      changes: `subscription { budgetRunway(projectId: "${changed}") { budget { usdMax } project { products { model { name } } } } }`,
      alerts: `subscription { projectAlert(projectId: "${changed}") { id kind state } }`,
      burn: `subscription { budgetRunway(projectId: "${burning}") { budget { usdSpent } project { products { model { name } } } } }`,
      circuit: `subscription { circuitBreaker { state transitions(last: 10) { from to at } } }`,
    },
    // Each ends a little later than the one before, or it would be no renewal.
    () => stack.bearer("good", ttlSeconds++),
  );
  await everybody(clients, "to follow everything", (client) =>
    ["changes", "burn", "circuit"].every((name) => client.events(name).length > 0),
  );
  await start(admin, burning);
  const doing: Doing = {
    stack,
    admin,
    clients,
    projectIds: [changed, burning],
    budgets: [],
    orders: new Map(),
  };
  return {
    projectIds: doing.projectIds,
    goOn: async (untilMs) => {
      const keepOn = async (work: () => Promise<void>) => {
        while (performance.now() < untilMs) await work();
      };
      await Promise.all([
        keepOn(() => changeBudget(doing)),
        keepOn(() => order(doing)),
        keepOn(() => look(doing)),
        keepOn(() => changeWeather(doing)),
      ]);
    },
    expectNothingLost: () => expectNothingLost(doing),
  };
}

async function createProject(
  admin: GatewayClient,
  name: string,
  { tasks, taskMs }: { tasks: number; taskMs: number },
): Promise<string> {
  const answer = await admin.query<{ createProject: { project: { id: string } } }>(
    `mutation ($input: CreateProjectInput!) { createProject(input: $input) { ... on CreateProjectSuccess { project { id } } } }`,
    {
      input: {
        name,
        budget: { usdMax: 1_000_000, onExhausted: "ASK" },
        products: [{ modelId: "lx24" }],
        tasks: Array.from({ length: tasks }, (_, task) => ({
          name: `Task ${task + 1}`,
          laneId: 4200,
          estimatedDurationMs: taskMs,
          estimatedCostUsd: 1,
        })),
      },
    },
  );
  return answer.data.createProject.project.id;
}

/** Starts its run twice with one key, which is once. */
async function start(admin: GatewayClient, projectId: string): Promise<void> {
  const replayed: boolean[] = [];
  for (let times = 0; times < 2; times++) {
    const { data } = await admin.query<{ startProject: { replayed: boolean } }>(
      `mutation ($input: StartProjectInput!, $key: String!) {
        startProject(input: $input, idempotencyKey: $key) { ... on StartProjectSuccess { replayed } }
      }`,
      { input: { projectId, runKind: "BASELINE" }, key: `start-${projectId}` },
    );
    replayed.push(data.startProject.replayed);
  }
  expect(replayed).toEqual([false, true]);
}

/** A budget below what was spent, and above it again: an alert begins, and is over. */
async function changeBudget({ admin, clients, projectIds: [changed], budgets }: Doing): Promise<void> {
  for (const usdMax of [budgets.length / 1_000_000, 1_000 + budgets.length]) {
    const { data, errors } = await admin.query<{ updateProjectBudget: { __typename: string } }>(
      `mutation { updateProjectBudget(projectId: "${changed}", usdMax: ${usdMax}) { __typename } }`,
    );
    expect({ data, errors }).toEqual({
      data: { updateProjectBudget: { __typename: "UpdateBudgetSuccess" } },
      errors: undefined,
    });
    budgets.push(usdMax);
    await everybody(
      clients,
      `to see the budget ${usdMax}`,
      (client) => budgetsSeen(client).at(-1) === usdMax,
    );
    await everybody(
      clients,
      `to hear of the alerts of budget ${usdMax}`,
      (client) => client.events("alerts").length === budgets.length,
    );
  }
  await sleep(CHANGED_EVERY_MS);
}

const ORDER = `mutation ($key: String!) {
  createWorkOrder(idempotencyKey: $key, input: { modelId: "lx24", trimId: "lx24-base" }) {
    ... on WorkOrderSuccess { replayed workOrder { id } }
  }
}`;

/** Orders twice with one key, which is once. */
async function order({ admin, orders }: Doing): Promise<void> {
  const key = `good-${orders.size}`;
  const ask = async () => {
    const { data, errors } = await admin.query<{
      createWorkOrder: { replayed: boolean; workOrder: { id: string } };
    }>(ORDER, { key });
    expect(errors).toBeUndefined();
    return data.createWorkOrder;
  };
  const [first, second] = [await ask(), await ask()];
  expect([first.replayed, second]).toEqual([false, { ...first, replayed: true }]);
  orders.set(key, first.workOrder.id);
  await sleep(CHANGED_EVERY_MS);
}

/** Asks for what both subgraphs know together. */
async function look({ admin, projectIds: [changed], budgets }: Doing): Promise<void> {
  const known = budgets.length;
  const { data, errors } = await admin.query<{
    project: { budget: { usdMax: number }; products: { model: { name: string } }[] };
  }>(`{ project(id: "${changed}") { budget { usdMax } products { model { name } } } }`);
  expect(errors).toBeUndefined();
  expect(data.project.products[0]?.model.name).toBe("LX24");
  // What was acknowledged before we asked is the least that we are told.
  const told = budgets.lastIndexOf(data.project.budget.usdMax);
  if (known > 0 && told >= 0) expect(told).toBeGreaterThanOrEqual(known - 1);
  await sleep(50);
}

/** The PLM goes away until its circuit opens, and comes back. */
async function changeWeather({ stack, clients }: Doing): Promise<void> {
  const isSeen = (state: string) =>
    everybody(
      clients,
      `to see the circuit ${state}`,
      (client) => circuitSeen(client).at(-1)?.state === state,
    );
  await stack.fleet.setPlmFaults({ path: "/plm/*", mode: "down" });
  await isSeen("OPEN");
  await stack.fleet.setPlmFaults();
  await isSeen("CLOSED");
  await sleep(WEATHER_MS);
}
