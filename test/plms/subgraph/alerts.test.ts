import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Insertable } from "kysely";
import type { Database } from "../../../db/tables.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { insertProject } from "../fixtures.ts";
import { ask, dataOf, startPlms, type RunningPlms } from "../support.ts";

let database: TestDatabase;
let plms: RunningPlms;
let projectIds: string[];

type AlertRow = Insertable<Database["plms.alerts"]>;

const alert = (project_id: string, minute: number, changes: Partial<AlertRow> = {}): AlertRow => ({
  tenant: "default",
  project_id,
  kind: "overrun_likely",
  cause: "budget",
  period: "1",
  severity: "critical",
  state: "firing",
  message: `Alert ${minute}`,
  value: 0.9,
  threshold: 0.76,
  raised_at: new Date(Date.UTC(2026, 2, 1, 8, minute)),
  ...changes,
});

beforeAll(async () => {
  database = await createTestDatabase();
  const projects = await Promise.all(
    Array.from({ length: 30 }, (_, index) =>
      insertProject(database, { name: `Project ${index}`, usdMax: null }),
    ),
  );
  projectIds = projects.map(({ id }) => id);
  const other = await insertProject(database, { tenant: "other" });
  await database.db
    .insertInto("plms.alerts")
    .values([
      alert(projectIds[0]!, 0, { state: "resolved", resolved_at: new Date() }),
      ...projectIds.map((id, index) => alert(id, index)),
      ...projectIds
        .slice(0, 2)
        .map((id, index) => alert(id, 30 + index, { kind: "tokens_exhausted", cause: "tokens" })),
      alert(other.id, 40, { tenant: "other", kind: "runway_t15", severity: "warning" }),
    ])
    .execute();
  plms = await startPlms(database, { env: { RECONCILE_SECONDS: "3600" } });
});
afterAll(async () => {
  await plms.close();
  await database.close();
});

interface Listed {
  projectAlerts: {
    totalCount: number;
    pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string; endCursor: string };
    groups: { kind: string; severity: string; alerts: number; oldestRaisedAt: string }[];
    edges: { node: { message: string; state: string }; project: { name: string } }[];
  };
}

const list = async (variables: Record<string, unknown>) =>
  (
    await dataOf<Listed>(
      ask(
        plms,
        `query ($first: Int, $after: String, $before: String, $state: AlertState, $kind: ProjectAlertKind, $projectId: ID) {
          projectAlerts(first: $first, after: $after, before: $before, state: $state, kind: $kind, projectId: $projectId) {
            totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
            groups { kind severity alerts oldestRaisedAt }
            edges { node { message state } project { name } }
          } }`,
        variables,
      ),
    )
  ).projectAlerts;

const messagesOf = ({ edges }: Listed["projectAlerts"]) => edges.map(({ node }) => node.message);

describe("alerts about projects", () => {
  test("come in pages, newest first, each with its project, there and back", async () => {
    const first = await list({ first: 20, state: "FIRING" });
    expect(first).toMatchObject({ totalCount: 32, pageInfo: { hasNextPage: true, hasPreviousPage: false } });
    expect(first.edges[0]).toEqual({
      node: { message: "Alert 31", state: "FIRING" },
      project: { name: "Project 1" },
    });
    const second = await list({ first: 20, state: "FIRING", after: first.pageInfo.endCursor });
    expect(second.edges).toHaveLength(12);
    expect(second.pageInfo.hasNextPage).toBe(false);
    const back = await list({ first: 20, state: "FIRING", before: second.pageInfo.startCursor });
    expect(messagesOf(back)).toEqual(messagesOf(first));
  });

  test("are counted by kind however few are on the page, the most frequent first, the caller's tenant alone", async () => {
    const { groups } = await list({ first: 1, state: "FIRING", kind: "TOKENS_EXHAUSTED" });
    expect(groups).toEqual([
      {
        kind: "OVERRUN_LIKELY",
        severity: "CRITICAL",
        alerts: 30,
        oldestRaisedAt: "2026-03-01T08:00:00.000Z",
      },
      {
        kind: "TOKENS_EXHAUSTED",
        severity: "CRITICAL",
        alerts: 2,
        oldestRaisedAt: "2026-03-01T08:30:00.000Z",
      },
    ]);
  });

  test("are narrowed to a project, a kind and a state", async () => {
    expect(messagesOf(await list({ projectId: projectIds[0] }))).toEqual(["Alert 30", "Alert 0", "Alert 0"]);
    expect(messagesOf(await list({ projectId: projectIds[0], state: "RESOLVED" }))).toEqual(["Alert 0"]);
    expect((await list({ kind: "TOKENS_EXHAUSTED" })).totalCount).toBe(2);
    expect(await list({ kind: "RUNWAY_T5" })).toMatchObject({ totalCount: 0, edges: [] });
  });
});
