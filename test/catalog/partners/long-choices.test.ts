import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { component, model, option, section, startPartner } from "./support.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ seed: true });
});
afterAll(() => database.close());

const ORDER = `query ($id: ID!) { workOrder(id: $id) { options { code quantity { value } }
  versions(first: 10) { edges { node { number snapshot } } } } }`;
const UPDATE = `mutation ($input: UpdateWorkOrderInput!) { updateWorkOrder(input: $input) {
  __typename ... on UserError { message } } }`;
const RESTORE = `mutation ($id: ID!) { restoreWorkOrder(id: $id, versionNumber: 1, reason: "as it was") {
  __typename ... on UserError { message } } }`;
const PARTS = 800;

test("A choice of many parts is kept once for all orders of it, and read, changed and restored like a short one", async () => {
  const parts = Array.from({ length: PARTS }, (_, index) => option(`P${index}`));
  const spare = option("SPARE", { default: false });
  const partner = await startPartner(database, {
    models: [model("YACHT")],
    configurations: {
      "model-YACHT": {
        sections: [
          section("HULL", [component("ALL", parts, { allowMultiple: true })]),
          section("EXTRA", [component("SPARE", [spare], { required: false })]),
        ],
      },
    },
  });
  const created = await partner.create({ modelId: "yacht" });
  const { id, options } = created.workOrder;
  expect(options).toHaveLength(PARTS);
  await partner.create({ modelId: "yacht" });

  const rows = await database.db
    .selectFrom("catalog.work_orders")
    .select("spec_snapshot")
    .where("model_id", "=", "yacht")
    .execute();
  const kept = rows.map(({ spec_snapshot }) => JSON.stringify(spec_snapshot["features"]));
  expect(new Set(kept)).toEqual(new Set([expect.stringMatching(/^\{"sha256":"[0-9a-f]{64}"\}$/)]));

  const ids: string[] = options.map((chosen: { id: string }) => chosen.id);
  const { data: features } = await partner.ask('{ features(modelId: "yacht") { id code } }');
  const extra = features.features.find(({ code }: { code: string }) => code === "SPARE").id;
  const changed = await partner.supervise(UPDATE, { input: { id, options: [...ids, extra] } });
  expect(changed.data.updateWorkOrder).toEqual({ __typename: "WorkOrderSuccess" });
  const longer = await partner.supervise(ORDER, { id });
  expect(longer.data.workOrder.options).toHaveLength(PARTS + 1);
  const [second, first] = longer.data.workOrder.versions.edges.map(
    ({ node }: { node: { snapshot: { specSnapshot: { features: unknown[] } } } }) =>
      node.snapshot.specSnapshot.features,
  );
  expect([first.length, second.length]).toEqual([PARTS, PARTS + 1]);

  const { data: back } = await partner.supervise(RESTORE, { id });
  expect(back.restoreWorkOrder).toEqual({ __typename: "WorkOrderSuccess" });
  const restored = await partner.supervise(ORDER, { id });
  expect(restored.data.workOrder.options).toHaveLength(PARTS);
});
