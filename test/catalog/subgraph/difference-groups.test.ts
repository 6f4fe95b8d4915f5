import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createShadowDiffs } from "../../../subgraphs/catalog/plm/adapters/shadow-diffs.ts";
import type { FieldDiff } from "../../../subgraphs/catalog/plm/domain/shadow-diff.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { startCatalog, type CatalogTest } from "../support.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ seed: true });
});
afterAll(() => database.close());

const line = (modelCode: string, path: string, more: Partial<FieldDiff> = {}): FieldDiff => ({
  modelCode,
  path: `${modelCode}.${path}`,
  kind: "VALUE",
  severity: "CRITICAL",
  mrp: "PCE",
  plm: "C62",
  ...more,
});
const missing = { kind: "MISSING_IN_MRP", severity: "MAJOR", mrp: null, plm: "true" } as const;

/** Units that one mapping gets wrong in two models, a section that one model has more, and a name. */
const DIFFS = [
  ...Array.from({ length: 4 }, (_, index) => line("LX24", `bom.AUDIO/SPEAKERS/P${index}.unit`)),
  ...Array.from({ length: 2 }, (_, index) => line("LX26", `bom.HELM/SEATS/P${index}.unit`)),
  line("LX26", "bom.WIRING.exists", missing),
  ...Array.from({ length: 2 }, (_, index) => line("LX26", `bom.WIRING/HARNESS/P${index}.exists`, missing)),
  line("LX22", "name", { severity: "MINOR", mrp: "Old", plm: "New" }),
];

async function withDiffs(): Promise<CatalogTest> {
  const catalog = await startCatalog(database, { PLM_MODE: "disabled" });
  const seen = { correlationId: "c-1", at: new Date("2026-01-31T08:00:00.000Z") };
  await createShadowDiffs(database.db).record(DIFFS, seen);
  return catalog;
}

const GROUPS = `query ($by: DiffGrouping!, $filter: ShadowDiffFilter, $first: Int, $after: String) {
  shadowDiffGroups(by: $by, filter: $filter, first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor }
    edges { node { kind severity field modelCode place mrp plm lines open models example { path } } }
  } }`;
const groups = async ({ ask }: CatalogTest, variables: object) => {
  const { data, errors } = await ask(GROUPS, { ...variables });
  expect(errors).toBeUndefined();
  return data.shadowDiffGroups;
};
const nodes = ({ edges }: { edges: { node: unknown }[] }) => edges.map(({ node }) => node);

const CLASSIFY = `mutation ($filter: ShadowDiffFilter!, $count: Int!, $note: String) {
  acknowledgeShadowDiffs(filter: $filter, classification: MAPPING_WRONG, expectedCount: $count, note: $note) }`;

describe("differences between PLM and MRP", () => {
  test("are gathered by field: what one wrong mapping makes is one group, whichever models have it", async () => {
    const found = await groups(await withDiffs(), { by: "FIELD" });
    expect(found.totalCount).toBe(3);
    expect(nodes(found)).toEqual([
      expect.objectContaining({
        field: "unit",
        severity: "CRITICAL",
        lines: 6,
        open: 6,
        models: 2,
        place: null,
      }),
      expect.objectContaining({ field: "exists", kind: "MISSING_IN_MRP", lines: 3, models: 1 }),
      expect.objectContaining({ field: "name", lines: 1, example: { path: "LX22.name" } }),
    ]);
  });

  test("are gathered by place: a section with all that is in it, and what is about the model itself", async () => {
    const found = await groups(await withDiffs(), { by: "PLACE" });
    expect(nodes(found)).toMatchObject([
      { modelCode: "LX24", place: "AUDIO", lines: 4 },
      { modelCode: "LX26", place: "WIRING", lines: 3 },
      { modelCode: "LX26", place: "HELM", lines: 2 },
      { modelCode: "LX22", place: "model", lines: 1 },
    ]);
  });

  test("are gathered by their values, page by page, within a filter", async () => {
    const catalog = await withDiffs();
    const first = await groups(catalog, { by: "VALUES", first: 1, filter: { search: "bom." } });
    expect(first).toMatchObject({ totalCount: 2, pageInfo: { hasNextPage: true } });
    expect(nodes(first)).toMatchObject([{ mrp: "PCE", plm: "C62", lines: 6 }]);
    const { endCursor: after } = first.pageInfo;
    const second = await groups(catalog, { by: "VALUES", first: 1, filter: { search: "bom." }, after });
    expect(nodes(second)).toMatchObject([{ mrp: null, plm: "true", lines: 3 }]);
    expect(second.pageInfo.hasNextPage).toBe(false);
  });

  test("are listed by what a group shares, so that a group leads to its lines", async () => {
    const catalog = await withDiffs();
    const { data } = await catalog.ask(
      '{ shadowDiffs(filter: { field: "unit", modelCode: "LX26", isOpen: true }) { totalCount edges { node { path } } } }',
    );
    expect(data.shadowDiffs).toMatchObject({
      totalCount: 2,
      edges: [{}, { node: { path: "LX26.bom.HELM/SEATS/P0.unit" } }],
    });
  });
});

describe("all differences that a filter finds", () => {
  const filter = { field: "unit", kind: "VALUE" };

  test("are classified at once, which is in the audit log with the filter", async () => {
    const catalog = await withDiffs();
    const { data, errors } = await catalog.administer(CLASSIFY, { filter, count: 6, note: "pieces" });
    expect(errors).toBeUndefined();
    expect(data.acknowledgeShadowDiffs).toBe(6);
    expect(nodes(await groups(catalog, { by: "FIELD", filter: { field: "unit" } }))).toMatchObject([
      { open: 0 },
    ]);
    const { data: found } = await catalog.ask(
      "{ shadowDiffs(filter: { isOpen: false }) { totalCount edges { node { classification note acknowledgedBy } } } }",
    );
    expect(found.shadowDiffs.totalCount).toBe(6);
    expect(found.shadowDiffs.edges[0].node).toEqual({
      classification: "MAPPING_WRONG",
      note: "pieces",
      acknowledgedBy: "grace",
    });
    const { data: log } = await catalog.administer(
      "{ auditLog(first: 1) { edges { node { action outcome payload } } } }",
    );
    expect(log.auditLog.edges[0].node).toMatchObject({
      action: "acknowledgeShadowDiffs",
      outcome: "SUCCEEDED",
      payload: { filter, expectedCount: 6 },
    });
  });

  test.each([5, 7])("stay as they are when the caller has seen %i of the six", async (count) => {
    const catalog = await withDiffs();
    const { errors } = await catalog.administer(CLASSIFY, { filter, count });
    expect(errors).toMatchObject([
      {
        message: `6 differences are meant by now, not ${count}: look at them again`,
        extensions: { code: "CONFLICT" },
      },
    ]);
    expect(nodes(await groups(catalog, { by: "FIELD", filter: { field: "unit" } }))).toMatchObject([
      { open: 6 },
    ]);
  });

  test.each([
    ["a filter that finds everything", { filter: {}, count: 1 }, "at least one member"],
    ["a filter of nulls", { filter: { field: null }, count: 1 }, "at least one member"],
    ["nothing", { filter, count: 0 }, "1 to 10000"],
    ["more than is bearable at once", { filter, count: 10_001 }, "1 to 10000"],
    ["an empty text", { filter: { search: " " }, count: 1 }, "filter.search"],
    ["an endless value", { filter: { mrp: "x".repeat(10_001) }, count: 1 }, "filter.mrp"],
  ])("are refused for %s", async (_what, variables, message) => {
    const { errors } = await (await withDiffs()).administer(CLASSIFY, variables);
    expect(errors).toMatchObject([
      { message: expect.stringContaining(message), extensions: { code: "BAD_USER_INPUT" } },
    ]);
  });

  test("are not for those who may only look", async () => {
    const { errors } = await (await withDiffs()).ask(CLASSIFY, { filter, count: 6 });
    expect(errors).toMatchObject([{ extensions: { code: "FORBIDDEN" } }]);
  });
});

describe("the migration gate", () => {
  test("lists everything that it asks for, and says of each how it stands", async () => {
    const catalog = await withDiffs();
    const { data } = await catalog.ask("{ migrationGate { isMet blocking criteria { name isMet text } } }");
    const { criteria, blocking, isMet } = data.migrationGate as {
      criteria: { name: string; isMet: boolean; text: string }[];
      blocking: string[];
      isMet: boolean;
    };
    expect(criteria.map(({ name }) => name)).toEqual([
      "COMPARED",
      "SAMPLES",
      "SHARE",
      "WINDOW",
      "CRITICAL_DIFFERENCES",
      "FAILED_COMPARISONS",
      "NEVER_COMPARED",
    ]);
    expect(blocking).toEqual(criteria.filter((each) => !each.isMet).map(({ text }) => text));
    expect(isMet).toBe(false);
    expect(criteria).toContainEqual({
      name: "NEVER_COMPARED",
      isMet: true,
      text: "every model was compared",
    });
  });
});
