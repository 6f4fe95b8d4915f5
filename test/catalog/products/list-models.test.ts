import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { catalogueOfMrp } from "../../../subgraphs/catalog/products/domain/catalogue.ts";
import { findModels, findTrims, listModels } from "../../../subgraphs/catalog/products/operations/models.ts";
import type { CatalogueReading } from "../../../subgraphs/catalog/products/operations/read-catalogue.ts";

const provenance = {
  source: "MRP",
  fetchedAt: new Date(0),
  ageSeconds: 0,
  stale: false,
  fallbackReason: null,
  plmCorrelationId: null,
  plmSchemaVersion: null,
} as const;

const product = (id: string, name: string) => ({
  id,
  code: id.toUpperCase(),
  name,
  description: null,
  isActive: true,
});

function readingOf(models: { id: string; name: string; trims?: string[] }[]): CatalogueReading {
  const catalogue = catalogueOfMrp(
    models.map(({ id, name, trims = [] }) => ({
      ...product(id, name),
      trims: trims.map((trim) => product(trim, trim)),
    })),
    () => "ENABLED",
  );
  const all = { PLM: provenance, MRP: provenance, SHADOW: provenance, DISABLED: provenance };
  return { catalogue, provenance: all };
}

const boats = readingOf([
  { id: "lx26", name: "LX26 Cruiser", trims: ["lx26-base", "lx26-sport"] },
  { id: "lx21", name: "LX21 Angler", trims: ["lx21-base"] },
  { id: "lx24", name: "LX24 Runabout" },
]);
const idsOf = (page: ReturnType<typeof listModels>) => page.edges.map(({ node }) => node.id);

describe("the list of models", () => {
  test("is sorted by name and pages without gaps or repeats", () => {
    const first = listModels(boats, { first: 2 });
    expect(idsOf(first)).toEqual(["lx21", "lx24"]);
    expect(first).toMatchObject({ totalCount: 3, pageInfo: { hasNextPage: true, hasPreviousPage: false } });
    const second = listModels(boats, { first: 2, after: first.pageInfo.endCursor });
    expect(idsOf(second)).toEqual(["lx26"]);
    expect(second).toMatchObject({ totalCount: 3, pageInfo: { hasNextPage: false, hasPreviousPage: true } });
  });

  test("finds text in name or code, in any case", () => {
    expect(idsOf(listModels(boats, { search: "  RUN " }))).toEqual(["lx24"]);
    expect(idsOf(listModels(boats, { search: "lx2" }))).toEqual(["lx21", "lx24", "lx26"]);
    expect(listModels(boats, { search: "submarine" })).toMatchObject({ edges: [], totalCount: 0 });
  });

  test("goes on after a model that has vanished in the meantime", () => {
    const { endCursor } = listModels(boats, { first: 2 }).pageInfo;
    const fewer = { ...boats, catalogue: boats.catalogue.filter(({ id }) => id !== "lx24") };
    expect(idsOf(listModels(fewer, { first: 2, after: endCursor }))).toEqual(["lx26"]);
  });

  test.each([
    [{ first: 0 }, "first"],
    [{ first: 101 }, "first"],
    [{ after: "nonsense" }, "after"],
    [{ search: "x".repeat(201) }, "search"],
  ])("refuses %j, naming the argument", (input, field) => {
    expect(() => listModels(boats, input)).toThrow(
      expect.objectContaining({ code: "BAD_USER_INPUT", details: expect.objectContaining({ field }) }),
    );
  });

  test("gives every model exactly once for any names and page size", () => {
    const models = fc.uniqueArray(
      fc.record({ id: fc.uuid(), name: fc.string({ unit: "binary", minLength: 1, maxLength: 120 }) }),
      {
        selector: ({ id }) => id,
        maxLength: 30,
      },
    );
    fc.assert(
      fc.property(models, fc.integer({ min: 1, max: 7 }), (all, first) => {
        const reading = readingOf(all);
        const seen: string[] = [];
        let after: string | null = null;
        do {
          const page = listModels(reading, { first, after });
          seen.push(...idsOf(page));
          after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
        } while (after !== null);
        expect(seen).toEqual(reading.catalogue.map(({ id }) => id));
      }),
    );
  });
});

describe("finding by id", () => {
  test("keeps the order and the repeats of the ids, with null for unknown ones", () => {
    const models = findModels(boats, ["lx26", "nope", "lx21", "lx26"]);
    expect(models.map((model) => model?.id)).toEqual(["lx26", undefined, "lx21", "lx26"]);
    const trims = findTrims(boats, ["lx21-base", "nope", "lx26-sport", "lx21-base"]);
    expect(trims.map((trim) => trim?.id)).toEqual(["lx21-base", undefined, "lx26-sport", "lx21-base"]);
  });

  test("leads from a trim to its model and back", () => {
    const [trim] = findTrims(boats, ["lx26-sport"]);
    expect(trim?.model().id).toBe("lx26");
    expect(trim?.model().trims.map(({ id }) => id)).toEqual(["lx26-base", "lx26-sport"]);
  });

  test("does not take a trim for a model", () => {
    expect(findModels(boats, ["lx26-sport"])).toEqual([null]);
    expect(findTrims(boats, ["lx26"])).toEqual([null]);
  });
});
