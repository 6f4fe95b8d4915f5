import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { canonicalJson } from "../../../lib/canonical-json.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { supervisor } from "../work-orders/support.ts";
import { caller } from "../support.ts";
import { component, model, option, section, startPartner } from "./support.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ seed: true });
});
afterAll(() => database.close());

const PAYLOADS = `query ($id: ID!) { workOrder(id: $id) { versions { edges { node { payload } } } } }`;

interface OrderWithPayload {
  workOrder: { versions: { edges: { node: { payload: { configuration: unknown } } }[] } };
}

/** What the partner and the people may do, in any order. */
const steps = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant("change" as const), part: fc.constantFrom("P-1", "P-2", "P-3") }),
    fc.record({ do: fc.constant("order" as const) }),
    fc.record({ do: fc.constant("invalidate" as const) }),
    fc.record({ do: fc.constant("read" as const) }),
  ),
  { minLength: 4, maxLength: 12 },
);

/** What an order keeps is the document of the revisions that hold it. */
async function revisionsHolding(configuration: unknown): Promise<number> {
  const hash = createHash("sha256").update(canonicalJson(configuration)).digest("hex");
  const rows = await database.db
    .selectFrom("catalog.bom_revisions")
    .select("revision")
    .where("model_code", "=", "GEAR")
    .where("content_hash", "=", hash)
    .execute();
  return rows.length;
}

describe("the revisions of a bill of materials", () => {
  test("hold every configuration that was ever ordered, however changes came", async () => {
    const version = (partNumber: string) => ({
      sections: [section("S", [component("C", [option("A", { partNumber })])])],
    });
    const partner = await startPartner(database, { models: [model("GEAR")], configurations: {} });
    const { endpoint } = partner.subgraph;
    await fc.assert(
      fc.asyncProperty(steps, async (taken) => {
        partner.data.configurations["model-GEAR"] = version("P-1");
        for (const step of taken) {
          if (step.do === "change") partner.data.configurations["model-GEAR"] = version(step.part);
          if (step.do === "invalidate") await partner.administer("mutation { invalidatePlmCache }");
          if (step.do === "read") await partner.ask('{ model(id: "gear") { bom { revision } } }');
          if (step.do !== "order") continue;
          const { workOrder } = await partner.create({ modelId: "gear" });
          const { data } = await endpoint.execute({
            query: PAYLOADS,
            variables: { id: workOrder.id },
            caller: caller(supervisor),
          });
          const { workOrder: made } = data as unknown as OrderWithPayload;
          expect(await revisionsHolding(made.versions.edges[0]?.node.payload.configuration)).toBeGreaterThan(
            0,
          );
        }
      }),
      { numRuns: 15 },
    );
  });
});
