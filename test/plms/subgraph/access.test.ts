import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { insertRun } from "../fixtures.ts";
import { ask, identity, startPlms, type RunningPlms } from "../support.ts";

let database: TestDatabase;
let plms: RunningPlms;

beforeAll(async () => {
  database = await createTestDatabase();
  plms = await startPlms(database);
});
afterAll(async () => {
  await plms.close();
  await database.close();
});

const acme = identity({ tenant: "acme" });

describe("other tenants", () => {
  test("see none of it, by whatever way they ask", async () => {
    const { id: runId, projectId: id } = await insertRun(database, {}, { modelIds: ["shared-model"] });
    const query = `query ($id: ID!, $runId: ID!, $of: [_Any!]!) {
      project(id: $id) { id } projectRun(id: $runId) { id } projects { totalCount }
      _entities(representations: $of) { ... on Project { id } ... on ProjectRun { id } ... on Model { projects { totalCount } } }
    }`;
    const of = [
      { __typename: "Project", id },
      { __typename: "ProjectRun", id: runId },
      { __typename: "Model", id: "shared-model" },
    ];
    expect((await ask(plms, query, { as: acme, id, runId, of })).data).toEqual({
      project: null,
      projectRun: null,
      projects: { totalCount: 0 },
      _entities: [null, null, { projects: { totalCount: 0 } }],
    });
  });
});

describe("scopes", () => {
  const nobody = identity({ scopes: [] });
  const anonymous = identity({ subject: "anonymous", scopes: [] });

  test.each([
    ["{ lanes { id } }", "projects.view"],
    ["{ projects { totalCount } }", "projects.view"],
    ['{ project(id: "1") { id } }', "projects.view"],
    ['{ projectRun(id: "1") { id } }', "projects.view"],
    [
      'mutation { startProject(input: { projectId: "1" }, idempotencyKey: "k") { __typename } }',
      "projects.start",
    ],
    ['mutation { simulateProject(input: { projectId: "1" }) { __typename } }', "projects.simulate"],
  ])("%s needs %s", async (query, scope) => {
    expect((await ask(plms, query, { as: nobody })).errors).toMatchObject([
      { message: `Missing scope: ${scope}`, extensions: { code: "FORBIDDEN" } },
    ]);
    expect((await ask(plms, query, { as: anonymous })).errors).toMatchObject([
      { extensions: { code: "UNAUTHENTICATED" } },
    ]);
  });

  test("for a canary are two: who may only simulate starts nothing at the executor", async () => {
    const { projectId } = await insertRun(database);
    const simulate = (executor: string, scopes: string[]) =>
      ask(
        plms,
        `mutation ($id: ID!) { simulateProject(input: { projectId: $id, executor: ${executor} }) { __typename } }`,
        { as: identity({ scopes }), id: projectId },
      );
    const count = async () =>
      (await database.db.selectFrom("plms.project_runs").select("id").execute()).length;
    const before = await count();
    expect((await simulate("DRY_RUN", ["projects.simulate"])).data).toEqual({
      simulateProject: { __typename: "Simulation" },
    });
    expect((await simulate("CANARY", ["projects.simulate"])).errors).toMatchObject([
      { message: "Missing scope: projects.start", extensions: { code: "FORBIDDEN" } },
    ]);
    expect((await simulate("CANARY", ["projects.start"])).errors).toMatchObject([
      { message: "Missing scope: projects.simulate", extensions: { code: "FORBIDDEN" } },
    ]);
    expect(await count()).toBe(before);
  });

  test("of a subscription are asked for before anything is sent", async () => {
    const query = 'subscription { budgetRunway(projectId: "1") { status } }';
    const events = plms.endpoint.subscribe({ query, caller: { identity: nobody, correlationId: "test" } });
    expect((await events.next()).value).toMatchObject({ errors: [{ extensions: { code: "FORBIDDEN" } }] });
    expect((await events.next()).done).toBe(true);
  });
});

test("health is reported, and only the gateway may ask over HTTP", async () => {
  expect(await (await fetch(`${plms.url}/readyz`)).json()).toEqual({
    status: "ok",
    checks: { database: null, hints: null },
  });
  const body = JSON.stringify({ query: "{ lanes { id } }" });
  const refused = await fetch(`${plms.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
  expect(refused.status).toBe(403);
});
