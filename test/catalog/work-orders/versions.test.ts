import { createHash } from "node:crypto";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { canonicalJson } from "../../../lib/canonical-json.ts";
import { schemaText, SNAPSHOT_SCHEMAS } from "../../../subgraphs/catalog/work-orders/domain/snapshot.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { startOrders, supervisor } from "./support.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ seed: true });
});
afterAll(() => database.close());

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

const HISTORY = `query ($id: ID!) {
  workOrder(id: $id) {
    dataSource model { id code name trims { id } provenance { source stale } } trim { id name }
    versions { edges { node { number dataSource snapshot payload payloadSha256 } } }
  }
}`;

describe("the schema of a snapshot", () => {
  test.each([
    [1, "sha256:3b15e49979c3a62f475332b6494d433748d8f2206c65c6ad2830d0ffd072f780"],
    [2, "sha256:cde6b797933d618dab552709a341f840d77cd916f4808ae56bca82eb3c882340"],
    [3, "sha256:d71fc959426a7aed9636d916007f2ad1a788421b9615036fa027359d91a64d74"],
  ])("%i has the hash that stored snapshots refer to", (version, hash) => {
    const schema = SNAPSHOT_SCHEMAS.find((known) => known.version === version);
    expect(`sha256:${sha256(schemaText(schema!))}`).toBe(hash);
  });
});

describe("the payload of a product", () => {
  test("is stored once for all orders of the same product, under the hash of its own text", async () => {
    const own = await createTestDatabase({ seed: true });
    const { plan, move, as } = await startOrders(own);
    const [first, second] = [await plan(), await plan()];
    await move(first, "RELEASE");
    const rows = await own.db.selectFrom("catalog.product_payloads").selectAll().execute();
    expect(rows).toHaveLength(1);
    const payloads = await Promise.all([first, second].map((id) => as(supervisor, HISTORY, { id })));
    for (const { data } of payloads) {
      for (const { node } of data.workOrder.versions.edges) {
        expect(node.payloadSha256).toBe(rows[0]?.sha256);
        expect(sha256(canonicalJson(node.payload))).toBe(node.payloadSha256);
      }
    }
    await own.close();
  });
});

describe("history", () => {
  test("is still there, with model and trim, when the product tables are empty and the PLM is gone", async () => {
    const own = await createTestDatabase({ seed: true });
    const { plan, move, as, plm } = await startOrders(own, { PLM_CACHE_ENABLED: "false" });
    const id = await plan();
    await move(id, "RELEASE");
    const before = await as(supervisor, HISTORY, { id });
    plm.setFaults([{ path: "*", mode: "down" }]);
    await sql`truncate catalog.product_models cascade`.execute(own.db);
    const emptied = await as(supervisor, HISTORY, { id });
    expect(emptied.errors).toBeUndefined();
    expect(emptied.data.workOrder).toMatchObject({
      dataSource: "PLM",
      model: { id: "lx24", code: "LX24", provenance: { source: "PLM_STALE", stale: true } },
      trim: { id: "lx24-base" },
      versions: before.data.workOrder.versions,
    });
    await sql`drop table catalog.product_models, catalog.product_trims, catalog.configuration_sections,
      catalog.configuration_components, catalog.configuration_options, catalog.configuration_dependencies`.execute(
      own.db,
    );
    const snapshots =
      "query ($id: ID!) { workOrder(id: $id) { number versions { totalCount edges { node { snapshot payload } } } } }";
    const dropped = await as(supervisor, snapshots, { id });
    expect(dropped.errors).toBeUndefined();
    expect(dropped.data.workOrder.versions.totalCount).toBe(2);
    await own.close();
  });

  test("keeps its source while the mode of the PLM changes", async () => {
    const { plan, move, administer, as } = await startOrders(database);
    const id = await plan();
    await administer('mutation { rollbackPlm(reason: "drill") { __typename } }');
    await administer('mutation { rollbackPlm(reason: "drill") { __typename } }');
    await move(id, "RELEASE");
    const { data } = await as(supervisor, HISTORY, { id });
    expect(data.workOrder.dataSource).toBe("PLM");
    expect(
      data.workOrder.versions.edges.map(({ node }: { node: { dataSource: string } }) => node.dataSource),
    ).toEqual(["PLM", "PLM"]);
  });

  test("pages through versions, newest first and without gaps", async () => {
    const { plan, update, as } = await startOrders(database);
    const id = await plan();
    for (let qty = 2; qty <= 5; qty += 1) await update({ id, qty });
    const query = `query ($id: ID!, $after: String) { workOrder(id: $id) { versions(first: 2, after: $after) {
      totalCount edges { node { number } } pageInfo { hasNextPage endCursor } } } }`;
    const numbers: number[] = [];
    let after: string | null = null;
    do {
      const { data } = await as(supervisor, query, { id, after });
      const { edges, pageInfo, totalCount } = data.workOrder.versions;
      expect(totalCount).toBe(5);
      numbers.push(...edges.map(({ node }: { node: { number: number } }) => node.number));
      after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
    } while (after !== null);
    expect(numbers).toEqual([5, 4, 3, 2, 1]);
  });
});

describe("the database itself refuses", () => {
  test.each([
    ["to change a version", "update catalog.work_order_versions set reason = 'other'", "append-only"],
    ["to delete a version", "delete from catalog.work_order_versions", "append-only"],
    ["to empty the versions", "truncate catalog.work_order_versions", "append-only"],
    ["to change a payload", "update catalog.product_payloads set payload = '{}'", "append-only"],
    ["to change the audit log", "update catalog.audit_log set actor = 'nobody'", "append-only"],
    ["to empty the audit log", "truncate catalog.audit_log", "append-only"],
    [
      "to change the source of an order",
      "update catalog.work_orders set data_source = case data_source when 'plm' then 'mrp' else 'plm' end",
      "the origin of work order",
    ],
    [
      "two versions of one number",
      "insert into catalog.work_order_versions select * from catalog.work_order_versions limit 1",
      "work_order_versions_pkey",
    ],
  ])("%s", async (_what, statement, message) => {
    const { plan } = await startOrders(database);
    await plan();
    await expect(sql.raw(statement).execute(database.db)).rejects.toThrow(message);
  });
});

describe("one transaction", () => {
  test("writes order, version, audit entry and usage event, or none of them", async () => {
    const own = await createTestDatabase({ seed: true });
    const { plan, move } = await startOrders(own);
    const id = await plan();
    const counts = async () => {
      const { rows } = await sql`select
        (select count(*)::int from catalog.work_order_versions) as versions,
        (select count(*)::int from catalog.audit_log where outcome = 'succeeded') as entries,
        (select count(*)::int from catalog.usage_events) as events,
        (select status from catalog.work_orders) as status`.execute(own.db);
      return rows[0];
    };
    expect(await counts()).toEqual({ versions: 1, entries: 1, events: 1, status: "planned" });
    await move(id, "RELEASE");
    expect(await counts()).toEqual({ versions: 2, entries: 2, events: 2, status: "released" });
    await sql`alter table catalog.usage_events add constraint broken check (type <> 'work_order.started')`.execute(
      own.db,
    );
    await expect(move(id, "START")).rejects.toThrow("Something went wrong here");
    expect(await counts()).toEqual({ versions: 2, entries: 2, events: 2, status: "released" });
    await own.close();
  });
});

describe("the detail of a work order while the PLM is slow", () => {
  test("comes from a fallback, because the PLM is not waited for", async () => {
    // Long enough that on a busy machine, too, it is the catalogue's fall-back that answers.
    const patient = { WORK_ORDER_DETAIL_DEADLINE_MS: "10000", PLM_DEADLINE_MS: "700" };
    const { plan, as, plm, clock } = await startOrders(database, patient);
    const id = await plan();
    const detail =
      "query ($id: ID!) { workOrder(id: $id) { number model { name provenance { source fallbackReason } } trim { name } } }";
    clock.advance(700_000);
    plm.setFaults([{ path: "/plm/*", mode: "slow", latencyMs: 30_000 }]);
    const stale = await as(supervisor, detail, { id });
    expect(stale.errors).toBeUndefined();
    expect(stale.data.workOrder.model.provenance).toEqual({ source: "PLM_STALE", fallbackReason: "TIMEOUT" });
    const cold = await startOrders(database, patient);
    cold.plm.setFaults([{ path: "/plm/*", mode: "slow", latencyMs: 30_000 }]);
    const { data } = await cold.as(supervisor, detail, { id });
    expect(data.workOrder.model.provenance).toEqual({ source: "MRP", fallbackReason: "TIMEOUT" });
  });

  test("comes from what the order keeps when even the fallback would be late", async () => {
    const { plan, as, plm } = await startOrders(database, {
      PLM_CACHE_ENABLED: "false",
      PLM_DEADLINE_MS: "20000",
      WORK_ORDER_DETAIL_DEADLINE_MS: "50",
    });
    const id = await plan();
    plm.setFaults([{ path: "/plm/*", mode: "slow", latencyMs: 5_000 }]);
    const detail =
      "query ($id: ID!) { workOrder(id: $id) { model { id trims { id } provenance { source stale fallbackReason } } trim { id } } }";
    const { data, errors } = await as(supervisor, detail, { id });
    expect(errors).toBeUndefined();
    expect(data.workOrder).toMatchObject({
      model: { id: "lx24", provenance: { source: "PLM_STALE", stale: true, fallbackReason: "TIMEOUT" } },
      trim: { id: "lx24-base" },
    });
  });
});
