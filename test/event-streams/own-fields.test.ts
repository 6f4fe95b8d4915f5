import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { waitFor } from "../../lib/wait.ts";
import { startTopology, type Topology } from "../e2e/support/topology.ts";
import { rawClient, subscribe } from "../subscriptions/support/raw-client.ts";
import type { Heard } from "./support/start.ts";

let topology: Topology;
beforeAll(async () => {
  topology = await startTopology("one process", { REDIS_URL: "" });
});
afterAll(() => topology.close());

async function listen(query: string, lastEventId?: string) {
  const authorization = `Bearer ${await topology.token("admin")}`;
  const before = await topicsOpen();
  const client = await rawClient(`${topology.urls.gateway.replace("http", "ws")}/graphql`, { authorization });
  onTestFinished(() => client.socket.terminate());
  client.send(subscribe("1", query, { extensions: lastEventId === undefined ? {} : { lastEventId } }));
  // The gateway goes on listening for who may come back, and so does it then.
  if (lastEventId === undefined) await waitFor(async () => (await topicsOpen()) > before);
  return { client, heard: () => client.events("1") as unknown as Heard[] };
}

async function topicsOpen(): Promise<number> {
  const text = await (await fetch(`${topology.urls.gateway}/metrics`)).text();
  return Number(/^gateway_event_topics (\d+)/m.exec(text)?.[1] ?? 0);
}

const raise = (cause: "budget" | "tokens", kind: string) =>
  sql`insert into plms.alerts (tenant, project_id, kind, period, severity, state, message, value, threshold, raised_at, cause)
      values ('default', 1, ${kind}, 'p', 'critical', 'firing', 'Much is used up', 0.9, 0.8, now(), ${cause})`.execute(
    topology.database.db,
  );
const end = (cause: "budget" | "tokens") =>
  sql`update plms.alerts set state = 'resolved', resolved_at = now() where cause = ${cause} and state <> 'resolved'`.execute(
    topology.database.db,
  );
const waiting = async () => {
  const { rows } = await sql<{ count: string }>`select count(*) as count from plms.event_outbox`.execute(
    topology.database.db,
  );
  return Number(rows[0]?.count);
};

describe("alerts about projects", () => {
  const query = (rest: string) =>
    `subscription { projectAlert(projectId: "1") { kind state severity subject value acknowledgedBy ${rest} } }`;

  test("come through the broker, and whoever was away gets exactly what was missed", async () => {
    const first = await listen(query("raisedAt resolvedAt"));
    await raise("budget", "overrun_20");
    await waitFor(() => first.heard().length === 1);
    expect(first.heard()).toEqual([
      {
        data: {
          projectAlert: {
            kind: "OVERRUN_20",
            state: "FIRING",
            severity: "CRITICAL",
            subject: "project:1",
            value: 0.9,
            acknowledgedBy: null,
            raisedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
            resolvedAt: null,
          },
        },
        extensions: { eventId: expect.stringMatching(/^[\w-]+\.[\w-]{16}$/) },
      },
    ]);
    first.client.socket.terminate();
    await raise("tokens", "tokens_exhausted");
    await end("tokens");
    await end("budget");
    await waitFor(async () => (await waiting()) === 0);
    // Another selection: nothing that this gateway has kept would do.
    const back = await listen(query("message"), first.heard()[0]?.extensions.eventId);
    await waitFor(() => back.heard().length === 3);
    expect(back.heard().map(({ data }) => data?.["projectAlert"])).toMatchObject([
      { kind: "TOKENS_EXHAUSTED", state: "FIRING" },
      { kind: "TOKENS_EXHAUSTED", state: "RESOLVED" },
      { kind: "OVERRUN_20", state: "RESOLVED" },
    ]);
    expect(back.heard().some(({ extensions }) => extensions.gap)).toBe(false);
  });

  test("come of all projects to who asks for none, and a changed wording is no event", async () => {
    const all = await listen(`subscription { projectAlert { kind state } }`);
    await raise("budget", "runway_t15");
    await sql`update plms.alerts set message = 'Other words' where cause = 'budget'`.execute(
      topology.database.db,
    );
    await end("budget");
    await waitFor(() => all.heard().length === 2);
    expect(all.heard().map(({ data }) => data?.["projectAlert"])).toEqual([
      { kind: "RUNWAY_T15", state: "FIRING" },
      { kind: "RUNWAY_T15", state: "RESOLVED" },
    ]);
  });
});

test("alerts about a project that there is not are refused at once, in words of the subgraph", async () => {
  const authorization = `Bearer ${await topology.token("admin")}`;
  const client = await rawClient(`${topology.urls.gateway.replace("http", "ws")}/graphql`, { authorization });
  onTestFinished(() => client.socket.terminate());
  const query = `subscription Alerts($id: ID, $value: Boolean = true) {
    projectAlert(projectId: $id) { kind value @include(if: $value) }
  }`;
  client.send(subscribe("1", query, { variables: { id: "999999" } }));
  await waitFor(() => client.messages.some(({ type }) => type === "complete"));
  expect(client.events("1")).toMatchObject([
    {
      errors: [
        { message: expect.stringContaining("999999"), extensions: { code: "NOT_FOUND", subgraph: "plms" } },
      ],
    },
  ]);
});

test("alerts and differences of the PLM come through the broker", async () => {
  const alerts = await listen(`subscription { plmAlert { kind state subject threshold } }`);
  const critical = await listen(
    `subscription { shadowDiff(severity: CRITICAL) { path severity kind mrp occurrences } }`,
  );
  const all = await listen(`subscription { shadowDiff { path } }`);
  const { db } = topology.database;
  await sql`
    insert into catalog.plm_alerts (kind, severity, state, message, subject, value, threshold, raised_at)
    values ('TEST', 'warning', 'firing', 'A test', 'plm', 3, 2, now())`.execute(db);
  for (const [path, severity] of [
    ["a", "minor"],
    ["b", "critical"],
  ])
    await sql`
      insert into catalog.shadow_diffs (fingerprint, model_code, path, kind, severity, mrp_value, occurrences, first_seen_at, last_seen_at)
      values (${path}, 'LX24', ${path}, 'missing_in_plm', ${severity}, '1', 1, now(), now())`.execute(db);
  await waitFor(() => alerts.heard().length > 0 && critical.heard().length > 0 && all.heard().length > 1);
  expect(alerts.heard()[0]?.data).toEqual({
    plmAlert: { kind: "TEST", state: "FIRING", subject: "plm", threshold: 2 },
  });
  expect(critical.heard()[0]?.data).toEqual({
    shadowDiff: { path: "b", severity: "CRITICAL", kind: "MISSING_IN_PLM", mrp: "1", occurrences: 1 },
  });
  expect(all.heard().map(({ data }) => data)).toEqual([
    { shadowDiff: { path: "a" } },
    { shadowDiff: { path: "b" } },
  ]);
});
