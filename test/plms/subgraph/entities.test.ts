import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { insertRun } from "../fixtures.ts";
import { ask, dataOf, startPlms, type RunningPlms } from "../support.ts";

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

describe("entities", () => {
  const entities =
    "query ($of: [_Any!]!) { _entities(representations: $of) { __typename ... on Project { id name } ... on ProjectRun { id status } ... on Model { id projects { totalCount edges { node { name } } } } } }";

  test("keep their order and duplicates, and are null where there is none", async () => {
    const spec = { name: "An entity", modelIds: ["model-x"] };
    const { id: runId, projectId: id } = await insertRun(database, {}, spec);
    const answer = ask(plms, entities, {
      of: [
        { __typename: "Project", id },
        { __typename: "Project", id: "99999" },
        { __typename: "ProjectRun", id: runId },
        { __typename: "Project", id },
        { __typename: "ProjectRun", id: "nonsense" },
        { __typename: "Model", id: "model-x" },
        { __typename: "Model", id: "nothing\0" },
      ],
    });
    const { _entities } = await dataOf<{ _entities: unknown[] }>(answer);
    expect(_entities).toMatchObject([
      { __typename: "Project", id, name: "An entity" },
      null,
      { __typename: "ProjectRun", id: runId, status: "EXECUTING" },
      { __typename: "Project", id, name: "An entity" },
      null,
      { id: "model-x", projects: { totalCount: 1, edges: [{ node: { name: "An entity" } }] } },
      { id: "nothing\0", projects: { totalCount: 0, edges: [] } },
    ]);
  });

  test("come with an SDL that other subgraphs compose with", async () => {
    const { _service } = await dataOf<{ _service: { sdl: string } }>(ask(plms, "{ _service { sdl } }"));
    expect(_service.sdl).toContain('type Project @key(fields: "id")');
  });
});

test("the schema can be introspected, defaults of mapped enums included", async () => {
  const query = `{ __type(name: "StartProjectInput") { inputFields { name defaultValue } } }`;
  const { __type } = await dataOf<{ __type: { inputFields: object[] } }>(ask(plms, query));
  expect(__type.inputFields).toContainEqual({
    name: "runKind",
    defaultValue: "BASELINE",
  });
});
