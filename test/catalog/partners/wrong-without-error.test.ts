import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { waitFor } from "../../../lib/wait.ts";
import { component, model, option, section, startPartner, trim } from "./support.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ seed: true });
});
afterAll(() => database.close());

const BOM = `query ($id: ID!, $asOf: DateTime) { model(id: $id) { bom(asOf: $asOf) { revision problems { place }
  flatLines(first: 1000) { totalCount edges { node { path level partNumber exactQuantity { value unit } } } } } } }`;
const FEATURES = "query ($id: ID!) { features(modelId: $id) { id code partNumber } }";
const one = (code: string, configuration: object) => ({
  models: [model(code)],
  configurations: { [`model-${code}`]: configuration as Record<string, unknown> },
});
const plain = { sections: [section("S", [component("C", [option("A")])])] };

describe("a model that only the PLM has, while its configuration cannot be had", () => {
  test.each([
    ["the PLM refuses it", 503, plain, "PLM_UNAVAILABLE", null],
    ["the PLM does not have it", 404, plain, "PLM_NOT_FOUND", null],
    [
      "one quantity of it is below 0",
      200,
      {
        sections: [
          section("S", [component("C", [option("A"), option("B", { quantity: -1, default: false })])]),
        ],
      },
      "PLM_MALFORMED",
      "data.sections.0.components.0.options.1.quantity",
    ],
  ])("is an error when %s, and nothing is ordered", async (_why, status, configuration, code, place) => {
    const partner = await startPartner(database, one("PUMP", configuration));
    if (status !== 200) partner.refusals.set("/plm/models", status);
    for (const query of [FEATURES, BOM]) {
      const { errors } = await partner.ask(query, { id: "pump" });
      expect(errors).toMatchObject([{ extensions: { code } }]);
      expect(errors?.[0]?.message).toContain(place ?? "");
    }
    const refused = await partner.create({ modelId: "pump" });
    expect(refused).toMatchObject({ code });
    const orders = await database.db
      .selectFrom("catalog.work_orders")
      .select("id")
      .where("model_id", "=", "pump")
      .execute();
    expect(orders).toEqual([]);
  });

  test("is answered by the MRP where the MRP has the model", async () => {
    const partner = await startPartner(database, { models: [model("LX24")], configurations: {} });
    partner.refusals.set("/plm/models", 503);
    const { data } = await partner.ask('{ features(modelId: "lx24") { provenance { source } } }');
    expect(data.features.length).toBeGreaterThan(0);
    expect(data.features[0].provenance.source).toBe("MRP");
  });

  test("is no reason to order a model that offers nothing at all", async () => {
    const partner = await startPartner(database, one("EMPTY", { sections: [] }));
    expect(await partner.create({ modelId: "empty" })).toMatchObject({ __typename: "Conflict" });
  });

  test("knows a quantity of 0 as listed and not fitted", async () => {
    const parts = [option("A"), option("B", { quantity: 0 })];
    const partner = await startPartner(
      database,
      one("VALVE", { sections: [section("S", [component("C", parts, { allowMultiple: true })])] }),
    );
    const { workOrder } = await partner.create({ modelId: "valve" });
    expect(
      workOrder.options.map(({ code, quantity }: { code: string; quantity: { value: string } }) => [
        code,
        quantity.value,
      ]),
    ).toEqual([
      ["A", "1"],
      ["B", "0"],
    ]);
  });
});

describe("codes that look alike", () => {
  const CODES = ["M6-10", "M6.10", "M6 10", "m6-10", "螺栓", "螺母", "M6/10", "x".repeat(200)];

  test("are as many options, and an order for one gets that one", async () => {
    const options = CODES.map((code) => option(code, { default: code === "M6-10", partNumber: code }));
    const partner = await startPartner(
      database,
      one("BOLTS", { sections: [section("S", [component("C", options)])] }),
    );
    const { data } = await partner.ask(FEATURES, { id: "bolts" });
    const ids = data.features.map(({ id }: { id: string }) => id);
    expect(new Set(ids).size).toBe(CODES.length);
    for (const { id, code, partNumber } of data.features) {
      const { workOrder } = await partner.create({ modelId: "bolts", options: [id] });
      expect(workOrder.options).toMatchObject([{ id, code, partNumber }]);
    }
  });

  test("are as many models and trims", async () => {
    const models = CODES.map((code) => model(code, [trim("LX", { id: `trim-of-${code}` })]));
    const partner = await startPartner(database, { models, configurations: {} });
    const { data } = await partner.ask("{ models(first: 100) { edges { node { id code trims { id } } } } }");
    const nodes = data.models.edges
      .map(({ node }: { node: { id: string; code: string; trims: { id: string }[] } }) => node)
      .filter(({ code }: { code: string }) => CODES.includes(code));
    expect(nodes).toHaveLength(CODES.length);
    expect(new Set(nodes.map(({ id }: { id: string }) => id)).size).toBe(CODES.length);
    expect(
      new Set(nodes.flatMap(({ trims }: { trims: { id: string }[] }) => trims.map(({ id }) => id))).size,
    ).toBe(CODES.length);
    for (const { id, code } of nodes) {
      const found = await partner.ask("query ($id: ID!) { model(id: $id) { code } }", { id });
      expect(found.data.model).toEqual({ code });
    }
  });
});

describe("an option of which the PLM has one id in the sections of two trims", () => {
  test("keeps its rule in each of them, so the required part is asked for in both", async () => {
    const ofTrim = (code: string) =>
      section(
        "S",
        [
          component("C", [option("HEATER"), option("NONE", { default: false })]),
          component("D", [option("PUMP", { default: false }), option("BARE")]),
        ],
        {
          trimId: `trim-${code}`,
        },
      );
    const partner = await startPartner(database, {
      models: [model("TUB", [trim("A"), trim("B")])],
      configurations: {
        "model-TUB": {
          sections: [ofTrim("A"), ofTrim("B")],
          rules: [{ type: "REQUIRES", optionId: "option-HEATER", targetOptionId: "option-PUMP" }],
        },
      },
    });
    const { data } = await partner.ask('{ model(id: "tub") { trims { id code } } }');
    for (const { id } of data.model.trims) {
      const refused = await partner.create({ modelId: "tub", trimId: id });
      expect(refused).toMatchObject({
        code: "BAD_USER_INPUT",
        message: expect.stringContaining("requires PUMP"),
      });
    }
  });
});

describe("a revision", () => {
  const version = (part: string) => ({
    sections: [section("S", [component("C", [option("A", { partNumber: part })])])],
  });
  const partsOf = async (partner: Awaited<ReturnType<typeof startPartner>>, asOf?: string) => {
    const { data, errors } = await partner.ask(BOM, { id: "gear", asOf });
    expect(errors).toBeUndefined();
    const { revision, flatLines } = data.model.bom;
    return { revision, part: flatLines.edges.at(-1).node.partNumber };
  };

  test.each(["a poll", "an invalidation"])("is written down when the change comes by %s", async (way) => {
    const poll = way === "a poll" ? "1" : "0";
    const partner = await startPartner(database, one("GEAR", version("P-1")), { PLM_POLL_SECONDS: poll });
    for (const [index, part] of ["P-1", "P-2", "P-3", "P-1"].entries()) {
      partner.data.configurations["model-GEAR"] = version(part);
      if (way === "an invalidation") await partner.administer("mutation { invalidatePlmCache }");
      await waitFor(async () => (await partsOf(partner)).part === part, { timeoutMs: 60_000 });
      expect(await partsOf(partner)).toEqual({ revision: index + 1, part });
      expect(await partsOf(partner, new Date().toISOString())).toEqual({ revision: index + 1, part });
    }
  });

  test("holds every configuration that was ordered", async () => {
    const partner = await startPartner(database, one("GEAR", version("P-7")));
    const { workOrder } = await partner.create({ modelId: "gear" });
    expect(await partsOf(partner)).toEqual({ revision: 1, part: workOrder.options[0].partNumber });
  });
});

describe("one bad record", () => {
  test.each([
    ["a model without a name", { id: "x", code: "X", trims: [] }, /models\.1.*name/],
    ["a model whose code another one has", model("GOOD", [], { id: "other", name: "Other" }), /code/],
    ["a model with a NUL in its name", model("NUL", [], { name: "a\u0000b" }), /models\.1\.name/],
  ])("takes itself away: %s", async (_what, bad, reason) => {
    const partner = await startPartner(database, {
      models: [model("GOOD"), bad, model("FINE")],
      configurations: { "model-GOOD": plain, "model-FINE": plain },
    });
    const { data } = await partner.ask("{ models(first: 100) { edges { node { code name } } } }");
    const names = data.models.edges.map(({ node }: { node: { name: string } }) => node.name);
    expect(names).toEqual(expect.arrayContaining(["FINE", "GOOD"]));
    expect(names).not.toContain("Other");
    await waitFor(async () => {
      const { data: left } = await partner.ask(
        "{ plmLeftovers { kind subject place reason } plmHealth { rejectedRecords } }",
      );
      return (
        left.plmHealth.rejectedRecords === 1 &&
        reason.test(`${left.plmLeftovers[0].place} ${left.plmLeftovers[0].reason}`)
      );
    });
  });

  test("in a configuration leaves the rest to be read, is said there, and keeps orders away", async () => {
    const partner = await startPartner(
      database,
      one("TWICE", {
        sections: [...plain.sections, section("S", [component("C", [option("B")])])],
        weight: 3,
      }),
    );
    const { data } = await partner.ask(BOM, { id: "twice" });
    expect(data.model.bom).toMatchObject({
      problems: [{ place: "data.sections.1" }],
      flatLines: { totalCount: 3 },
    });
    const refused = await partner.create({ modelId: "twice" });
    expect(refused).toMatchObject({
      code: "PLM_MALFORMED",
      message: expect.stringContaining("data.sections.1"),
    });
    await waitFor(async () => {
      const { data: left } = await partner.ask("{ plmLeftovers { kind subject place count } }");
      return left.plmLeftovers.some(
        ({ kind, place }: Record<string, string>) => kind === "UNKNOWN_FIELD" && place === "data.weight",
      );
    });
  });

  test("that only repeats another one word for word does no harm", async () => {
    const partner = await startPartner(
      database,
      one("AGAIN", { sections: [...plain.sections, ...plain.sections] }),
    );
    expect(await partner.create({ modelId: "again" })).toMatchObject({ __typename: "WorkOrderSuccess" });
  });
});
