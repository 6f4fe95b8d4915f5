import { afterAll, beforeAll, expect, test } from "vitest";
import { verifyAuditLogs } from "../../db/audit-chain.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { waitFor } from "../../lib/wait.ts";
import { restClient, tokenOf } from "./rest/client.ts";
import { ask, identity, startPlms, type RunningPlms } from "./support.ts";

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

test("keeps who attempted what with which token, and what came of it, in the chained log", async () => {
  const manager = identity({
    subject: "mara",
    role: "admin",
    scopes: ["projects.manage"],
    tokenId: "token-7",
  });
  const setBudget = (projectId: string) =>
    ask(plms, `mutation { updateProjectBudget(projectId: "${projectId}", usdMax: 500) { __typename } }`, {
      as: manager,
    });
  await setBudget("1");
  await setBudget("424242");
  const rows = await database.db
    .selectFrom("plms.audit_log")
    .select([
      "actor",
      "actor_role",
      "token_id",
      "action",
      "entity_type",
      "entity_id",
      "outcome",
      "code",
      "correlation_id",
    ])
    .orderBy("seq")
    .execute();
  const common = {
    actor: "mara",
    actor_role: "admin",
    token_id: "token-7",
    action: "updateProjectBudget",
    entity_type: "Project",
    correlation_id: "test",
  };
  expect(rows).toEqual([
    { ...common, entity_id: "1", outcome: "succeeded", code: null },
    { ...common, entity_id: "424242", outcome: "denied", code: "NOT_FOUND" },
  ]);
  expect(await verifyAuditLogs(database.db)).toMatchObject([
    { log: "plms.audit_log", problem: null, end: { position: 2 } },
    { log: "catalog.audit_log", problem: null },
  ]);
});

test("tells who lacked the scope of a mutation, over GraphQL and over REST, without what they asked", async () => {
  const vera = identity({ subject: "vera", scopes: ["projects.view"], tokenId: "token-9" });
  const query = 'mutation { overrideLane(taskId: "7", laneId: 1, reason: "SECRET") { __typename } }';
  // A refusal is answered before it is in the log.
  const denied = (count: number) =>
    waitFor(async () => {
      const rows = await database.db
        .selectFrom("plms.audit_log")
        .select(["action", "entity_id", "outcome", "code", "payload"])
        .where("actor", "=", "vera")
        .orderBy("seq")
        .execute();
      return rows.length >= count && rows;
    });
  const { errors } = await ask(plms, query, { as: vera });
  expect(errors).toMatchObject([{ extensions: { code: "FORBIDDEN" } }]);
  await denied(1);
  const rest = restClient(plms.url, await tokenOf({ subject: "vera", scopes: ["projects.view"] }));
  await rest.post("/api/projects/1/start", { run_kind: "baseline" }, { "idempotency-key": "k" });
  await rest.get("/api/projects/1/metrics");
  const common = { outcome: "denied", code: "FORBIDDEN" };
  expect(await denied(2)).toEqual([
    {
      ...common,
      action: "overrideLane",
      entity_id: "7",
      payload: { message: "Missing scope: projects.manage" },
    },
    {
      ...common,
      action: "startProject",
      entity_id: "1",
      payload: { message: "Missing scope: projects.start" },
    },
  ]);
});

test("keeps an attempt that sends what no database keeps", async () => {
  const manager = identity({ subject: "nul", role: "admin", scopes: ["projects.manage"] });
  const QUERY =
    "mutation ($id: ID!, $reason: String) { overrideLane(taskId: $id, laneId: 1, reason: $reason) { __typename } }";
  for (const [id, reason] of [
    ["\0", "a\ud800b"],
    ["9".repeat(100_000), null],
    ["1", "🙂".repeat(5_000)],
  ]) {
    await ask(plms, QUERY, { id, reason, as: manager });
  }
  const kept = database.db
    .selectFrom("plms.audit_log")
    .select(["entity_id", "code"])
    .where("actor", "=", "nul");
  expect(await kept.orderBy("seq").execute()).toEqual([
    { entity_id: "\u{fffd}", code: "BAD_USER_INPUT" },
    { entity_id: "9".repeat(256), code: "BAD_USER_INPUT" },
    { entity_id: "1", code: "BAD_USER_INPUT" },
  ]);
});
