import { OperationTypeNode } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadSchema } from "../../../subgraphs/plms/schema.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { insertAlert, insertRun, type InsertedRun } from "../fixtures.ts";
import { ask, identity, startPlms, type RunningPlms } from "../support.ts";

let database: TestDatabase;
let plms: RunningPlms;
let run: InsertedRun;
let overrideId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  plms = await startPlms(database, { env: { RECONCILE_SECONDS: "3600" } });
  run = await insertRun(database, {}, { modelIds: ["shared-model"] });
  await insertAlert(database, run.projectId);
  await database.db.insertInto("plms.lanes").values({ id: 1, name: "Another" }).execute();
  const { id } = await database.db
    .insertInto("plms.lane_overrides")
    .values({
      task_id: run.taskIds[0] ?? "",
      predicted_lane_id: 1,
      corrected_lane_id: 4200,
      corrected_by: "ada",
      corrected_at: new Date(),
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  overrideId = id;
});
afterAll(async () => {
  await plms.close();
  await database.close();
});

/** May do everything, but of another tenant. */
const stranger = identity({
  tenant: "acme",
  scopes: ["projects.view", "projects.start", "projects.simulate", "projects.manage", "portfolio.view"],
});
const ERROR = "__typename ... on UserError { code }";
const NOT_FOUND = { __typename: "NotFound", code: "NOT_FOUND" };

/** By field: how a stranger asks for what is not theirs, and all that they learn. */
const QUERIES: Record<string, [selection: string, learnt: unknown]> = {
  project: ["project(id: $projectId) { id }", null],
  projects: ["projects { totalCount }", { totalCount: 0 }],
  projectAlerts: ["projectAlerts { totalCount groups { alerts } }", { totalCount: 0, groups: [] }],
  projectSummary: ["projectSummary { total usdSpent }", { total: 0, usdSpent: 0 }],
  projectRun: ["projectRun(id: $runId) { id }", null],
  lanePriors: ['lanePriors(provider: "gpt-4") { source }', [{ source: "FACTORY" }]],
  usageRefusals: ["usageRefusals { reason }", []],
  verifyPriors: ["verifyPriors { checked }", { checked: 0 }],
  alerts: ["alerts { id }", []],
  portfolio: ["portfolio { running queued projects { share } }", { running: 0, queued: 0, projects: [] }],
};
const OF_EVERYBODY = ["lanes", "kpiValidators"];

const MUTATIONS: Record<string, [selection: string, learnt: unknown]> = {
  startProject: [
    `startProject(input: { projectId: $projectId }, idempotencyKey: "stranger-1") { ${ERROR} }`,
    NOT_FOUND,
  ],
  startProjects: [
    `startProjects(inputs: [{ projectId: $projectId }], idempotencyKey: "stranger-2") { ${ERROR} }`,
    [NOT_FOUND],
  ],
  simulateProject: [`simulateProject(input: { projectId: $projectId }) { ${ERROR} }`, NOT_FOUND],
  pauseRun: [`pauseRun(runId: $runId) { ${ERROR} }`, NOT_FOUND],
  resumeRun: [`resumeRun(runId: $runId) { ${ERROR} }`, NOT_FOUND],
  cancelRun: [`cancelRun(runId: $runId, reason: "mine") { ${ERROR} }`, NOT_FOUND],
  completeRun: [`completeRun(runId: $runId, validationPass: true) { ${ERROR} }`, NOT_FOUND],
  runKpiValidators: [`runKpiValidators(runId: $runId) { ${ERROR} }`, NOT_FOUND],
  overrideQuality: [`overrideQuality(runId: $runId, reason: "mine") { ${ERROR} }`, NOT_FOUND],
  setEchoGate: [`setEchoGate(input: { projectId: $projectId, mode: OFF }) { ${ERROR} }`, NOT_FOUND],
  removeLaneOverride: [`removeLaneOverride(overrideId: $overrideId) { ${ERROR} }`, NOT_FOUND],
  overrideLane: [`overrideLane(taskId: $taskId, laneId: 4200) { ${ERROR} }`, NOT_FOUND],
  updateProjectBudget: [`updateProjectBudget(projectId: $projectId, usdMax: 1) { ${ERROR} }`, NOT_FOUND],
};
const WITHOUT_AN_ID = ["createProject", "defineLanes"];

const SUBSCRIPTIONS: Record<string, string> = {
  riskHeatmap: "riskHeatmap(projectId: $projectId) { project { id } }",
  budgetRunway: "budgetRunway(projectId: $projectId) { version }",
  runProgress: "runProgress(runId: $runId) { id }",
  projectAlert: "projectAlert(projectId: $projectId) { message }",
};

const NAMES = ["projectId", "runId", "taskId", "overrideId"];
const VARIABLES = `(${NAMES.map((name) => `$${name}: ID!`).join(", ")})`;
/** The document with those variables alone that it uses. */
function used(document: string): string {
  const names = NAMES.filter((name) => document.split(`$${name}`).length > 2);
  const declared = names.length === 0 ? "" : `(${names.map((name) => `$${name}: ID!`).join(", ")})`;
  return document.replace(VARIABLES, declared);
}
const ids = () => ({ projectId: run.projectId, runId: run.id, taskId: run.taskIds[0] ?? "", overrideId });

/** Everything of the default tenant that a stranger could have changed. */
const everything = async () => [
  await database.db.selectFrom("plms.projects").selectAll().execute(),
  await database.db.selectFrom("plms.project_runs").selectAll().execute(),
  await database.db.selectFrom("plms.task_estimates").selectAll().orderBy("id").execute(),
  await database.db.selectFrom("plms.project_approvals").selectAll().execute(),
  await database.db.selectFrom("plms.lane_overrides").selectAll().execute(),
];

describe("somebody of another tenant", () => {
  test("is asked about every field that there is", () => {
    const schema = loadSchema(async () => undefined);
    const sorted = (names: readonly string[]) => names.toSorted((a, b) => a.localeCompare(b));
    const fieldsOf = (type: OperationTypeNode) =>
      sorted(
        Object.keys(schema.getRootType(type)?.getFields() ?? {}).filter((name) => !name.startsWith("_")),
      );
    expect(fieldsOf(OperationTypeNode.QUERY)).toEqual(sorted([...Object.keys(QUERIES), ...OF_EVERYBODY]));
    expect(fieldsOf(OperationTypeNode.MUTATION)).toEqual(
      sorted([...Object.keys(MUTATIONS), ...WITHOUT_AN_ID]),
    );
    expect(fieldsOf(OperationTypeNode.SUBSCRIPTION)).toEqual(sorted(Object.keys(SUBSCRIPTIONS)));
  });

  test.each(Object.entries(QUERIES))("learns nothing by the query %s", async (field, [selection, learnt]) => {
    const answer = await ask(plms, used(`query ${VARIABLES} { ${selection} }`), { as: stranger, ...ids() });
    expect(JSON.parse(JSON.stringify(answer))).toEqual({ data: { [field]: learnt } });
  });

  test.each(Object.entries(MUTATIONS))(
    "learns and changes nothing by the mutation %s",
    async (field, [selection, learnt]) => {
      const before = await everything();
      const answer = await ask(plms, used(`mutation ${VARIABLES} { ${selection} }`), {
        as: stranger,
        ...ids(),
      });
      expect(JSON.parse(JSON.stringify(answer))).toEqual({ data: { [field]: learnt } });
      expect(await everything()).toEqual(before);
    },
  );

  test.each(Object.entries(SUBSCRIPTIONS))("is refused the subscription %s", async (_field, selection) => {
    const events = plms.endpoint.subscribe({
      query: used(`subscription ${VARIABLES} { ${selection} }`),
      variables: ids(),
      caller: { identity: stranger, correlationId: "test" },
    });
    expect((await events.next()).value).toMatchObject({ errors: [{ extensions: { code: "NOT_FOUND" } }] });
    expect((await events.next()).done).toBe(true);
  });
});
