import { AsyncLocalStorage } from "node:async_hooks";
import type { KyselyPlugin } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { insertProject } from "../fixtures.ts";
import { ask, startPlms, type RunningPlms } from "../support.ts";

let database: TestDatabase;
let plms: RunningPlms;

/** Follows a request through everything that it awaits; what jobs in the background ask belongs to nobody. */
const request = new AsyncLocalStorage<{ statements: number }>();
const counting: KyselyPlugin = {
  transformQuery: ({ node }) => {
    const asker = request.getStore();
    if (asker) asker.statements += 1;
    return node;
  },
  transformResult: async ({ result }) => result,
};

beforeAll(async () => {
  database = await createTestDatabase();
  plms = await startPlms(database, { plugin: counting });
});
afterAll(async () => {
  await plms.close();
  await database.close();
});

/** How many statements a query takes. */
async function statementsOf(query: string, variables: Record<string, unknown> = {}): Promise<number> {
  const asker = { statements: 0 };
  const { errors } = await request.run(asker, () => ask(plms, query, variables));
  expect(errors).toBeUndefined();
  return asker.statements;
}

const insertProjects = async (count: number) => {
  for (let index = 0; index < count; index += 1) {
    const { id } = await insertProject(database, { modelIds: ["lx21", "lx24"] });
    await database.db
      .insertInto("plms.project_runs")
      .values({
        project_id: id,
        kind: "baseline",
        status: "executing",
        provider_matrix: "{}",
        tasks_total: 2,
        created_by: "t",
        started_at: new Date(),
      })
      .execute();
  }
};

test("everything about many projects takes one statement for each kind of thing", async () => {
  const query = `{ projects(first: 100) { edges { node {
    products { model { id } } tasks { edges { node { lane { name } } } } runs { edges { node { id } } }
  } } } }`;
  await insertProjects(2);
  expect(await statementsOf(query)).toBe(5);
  await insertProjects(20);
  expect(await statementsOf(query)).toBe(5);
});

test("the runways of many projects take two statements: the ledgers and the priors", async () => {
  expect(await statementsOf("{ projects { edges { node { budgetRunway { status } } } } }")).toBe(3);
});

test("the projects of many models, and of their runs, take one statement each", async () => {
  const query = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Model { projects(first: 3) {
    edges { node { runs { edges { node { project { name } receipts { totalCount } } } } } }
  } } } }`;
  const of = ["lx21", "lx24", "nothing"].map((id) => ({ __typename: "Model", id }));
  expect(await statementsOf(query, { of })).toBe(4);
});

test("a thousand references are one statement", async () => {
  const of = Array.from({ length: 1000 }, (_, index) => ({ __typename: "Project", id: String(index + 1) }));
  expect(
    await statementsOf("query ($of: [_Any!]!) { _entities(representations: $of) { __typename } }", { of }),
  ).toBe(1);
});
