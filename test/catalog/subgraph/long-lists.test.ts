import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createPlmAlerts } from "../../../subgraphs/catalog/plm/adapters/alerts.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { startCatalog, type CatalogTest } from "../support.ts";
import { startOrders, supervisor } from "../work-orders/support.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ seed: true });
});
afterAll(() => database.close());

interface Page {
  totalCount: number;
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
  edges: { node: Record<string, unknown> }[];
}

/** Every item of a list, read page by page; each page says the same total. */
async function readAll(read: (after: string | null) => Promise<Page>): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  let after: string | null = null;
  do {
    const page: Page = await read(after);
    items.push(...page.edges.map(({ node }) => node));
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  } while (after !== null);
  return items;
}

const PAGE = "totalCount pageInfo { hasNextPage endCursor }";

describe("the list of work orders", () => {
  const LIST = `query ($sort: WorkOrderSort, $descending: Boolean, $after: String, $search: String, $projectId: ID) {
    workOrders(first: 2, sort: $sort, descending: $descending, after: $after, search: $search, projectId: $projectId) {
      ${PAGE} edges { node { number hullId priority plannedStartAt } } } }`;

  async function withOrders() {
    const orders = await startOrders(database);
    const inputs = [
      { hullId: "HULL-A", priority: "LOW", plannedStartAt: "2026-03-01T08:00:00Z" },
      { hullId: "HULL-B", priority: "CRITICAL", projectId: "7" },
      { hullId: "HULL-C", priority: "NORMAL", plannedStartAt: "2026-02-01T08:00:00Z" },
      { hullId: "HULL-D", priority: "LOW", plannedStartAt: "2026-02-01T08:00:00Z" },
    ];
    for (const input of inputs)
      expect(await orders.create(input)).toMatchObject({ __typename: "WorkOrderSuccess" });
    const list = (variables: object) =>
      readAll(async (after) => {
        const { data, errors } = await orders.as(supervisor, LIST, { search: "HULL-", ...variables, after });
        expect(errors).toBeUndefined();
        return data.workOrders;
      });
    return {
      orders,
      hulls: async (variables: object) => (await list(variables)).map(({ hullId }) => hullId),
    };
  }

  test("is sorted by what the caller wants, page after page, and searched in any case", async () => {
    const { hulls, orders } = await withOrders();
    expect(await hulls({})).toEqual(["HULL-D", "HULL-C", "HULL-B", "HULL-A"]);
    expect(await hulls({ descending: false })).toEqual(["HULL-A", "HULL-B", "HULL-C", "HULL-D"]);
    expect(await hulls({ sort: "PRIORITY" })).toEqual(["HULL-B", "HULL-C", "HULL-D", "HULL-A"]);
    expect(await hulls({ sort: "PLANNED_START", descending: false })).toEqual([
      "HULL-C",
      "HULL-D",
      "HULL-A",
      "HULL-B",
    ]);
    expect(await hulls({ search: "hull-c" })).toEqual(["HULL-C"]);
    expect(await hulls({ projectId: "7" })).toEqual(["HULL-B"]);
    const { data } = await orders.as(supervisor, LIST, { sort: "PRIORITY" });
    const { endCursor: after } = data.workOrders.pageInfo;
    const { errors } = await orders.as(supervisor, LIST, { sort: "UPDATED", after });
    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", field: "after" } }]);
  });
});

describe("the list of models", () => {
  test.each([
    ["NAME", false],
    ["NAME", true],
    ["CODE", false],
    ["CODE", true],
  ])("is sorted by %s, descending: %s, page after page", async (sort, descending) => {
    const catalog = await startCatalog(database, { PLM_MODE: "disabled" });
    const list = `query ($sort: ModelSort, $descending: Boolean, $after: String) {
      models(first: 3, sort: $sort, descending: $descending, after: $after) { ${PAGE} edges { node { code name } } } }`;
    const models = await readAll(
      async (after) => (await catalog.ask(list, { sort, descending, after })).data.models,
    );
    const keys = models.map(({ code, name }) => String(sort === "CODE" ? code : name));
    expect(keys).toHaveLength(4);
    expect(keys).toEqual(descending ? keys.toSorted().toReversed() : keys.toSorted());
  });
});

describe("the pages of alerts about the PLM", () => {
  test("have those that are over too, narrowed by state, severity and text, and sorted", async () => {
    const catalog = await startCatalog(database, { PLM_MODE: "disabled" });
    const alerts = createPlmAlerts(database.db);
    for (const kind of ["C", "A", "B"]) {
      await alerts.raise({
        kind,
        severity: kind === "C" ? "CRITICAL" : "WARNING",
        message: `The alert ${kind}`,
        subject: null,
        raisedAt: new Date(),
        value: null,
        threshold: null,
      });
    }
    await alerts.resolve("A", new Date());
    const page = async (args: string): Promise<Page> => {
      const { data, errors } = await catalog.ask(
        `{ plmAlertPage(${args}) { ${PAGE} edges { node { kind state } } } }`,
      );
      expect(errors).toBeUndefined();
      return data.plmAlertPage;
    };
    const all = await readAll((after) => page(`first: 2, after: ${JSON.stringify(after)}`));
    expect(all.map(({ kind }) => kind)).toEqual(["B", "A", "C"]);
    expect(await page("state: RESOLVED")).toMatchObject({ totalCount: 1, edges: [{ node: { kind: "A" } }] });
    expect(await page("severity: WARNING")).toMatchObject({ totalCount: 2 });
    expect(await page('search: "alert b"')).toMatchObject({
      totalCount: 1,
      edges: [{ node: { kind: "B" } }],
    });
    const kinds = async (order: string) =>
      (await readAll((after) => page(`first: 1, after: ${JSON.stringify(after)}, ${order}`))).map(
        ({ kind }) => kind,
      );
    expect(await kinds("descending: false")).toEqual(["C", "A", "B"]);
    expect(await kinds("sort: SEVERITY")).toEqual(["C", "B", "A"]);
    expect(await kinds("sort: SEVERITY, descending: false")).toEqual(["A", "B", "C"]);
    expect(await kinds("sort: KIND, descending: false")).toEqual(["A", "B", "C"]);
    expect(await kinds("sort: STATE, descending: false")).toEqual(["A", "C", "B"]);
    expect(await kinds("sort: STATE")).toEqual(["B", "C", "A"]);
    const { endCursor } = (await page("first: 1, sort: KIND")).pageInfo;
    const { errors } = await catalog.ask(
      `{ plmAlertPage(sort: STATE, after: ${JSON.stringify(endCursor)}) { totalCount } }`,
    );
    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", field: "after" } }]);
  });
});

describe("a long bill of materials", () => {
  const bill = async ({ ask }: CatalogTest, fields: string) => {
    const { data, errors } = await ask(`{ model(id: "lx24") { bom { ${fields} } } }`);
    return { bom: data?.model?.bom, errors };
  };
  const start = () => startCatalog(database, { PLM_MODE: "disabled" });

  test("is opened level by level, each line with how many are below it", async () => {
    const catalog = await start();
    const { bom } = await bill(
      catalog,
      `lines { path children { path } } childLines(first: 100) { totalCount edges { childCount node { path level } } }`,
    );
    const sections = bom.lines as { path: string; children: { path: string }[] }[];
    expect(bom.childLines.totalCount).toBe(sections.length);
    expect(bom.childLines.edges).toEqual(
      sections.map(({ path, children }) => ({ childCount: children.length, node: { path, level: 1 } })),
    );
    const [first] = sections;
    if (!first) throw new Error("the bill is empty");
    const { bom: below } = await bill(
      catalog,
      `childLines(parentPath: ${JSON.stringify(first.path)}) { edges { node { path } } }`,
    );
    expect(below.childLines.edges).toEqual(first.children.map(({ path }) => ({ node: { path } })));
  });

  test("says which line there is not, instead of one without children", async () => {
    const { errors } = await bill(await start(), 'childLines(parentPath: "NOTHING") { totalCount }');
    expect(errors).toMatchObject([{ extensions: { code: "NOT_FOUND" } }]);
  });

  test("is searched by code, name and part number, with the number of what was found", async () => {
    const catalog = await start();
    const { bom } = await bill(
      catalog,
      'flatLines(first: 1, search: "lx24-speakers") { totalCount pageInfo { hasNextPage } edges { node { partNumber } } }',
    );
    expect(bom.flatLines.totalCount).toBeGreaterThan(1);
    expect(bom.flatLines.pageInfo.hasNextPage).toBe(true);
    expect(bom.flatLines.edges[0].node.partNumber).toMatch(/^LX24-SPEAKERS/);
    const { errors } = await bill(catalog, `flatLines(search: "${"x".repeat(201)}") { totalCount }`);
    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", field: "search" } }]);
  });

  test("is compared with another in pages, with how much was added, removed and changed", async () => {
    const catalog = await start();
    const { data } = await catalog.ask(`{ model(id: "lx26") { trims { id } } }`);
    const one = '{ modelId: "lx26", trimId: "lx26-luxury" }';
    const { id } = data.model.trims.find((trim: { id: string }) => trim.id !== "lx26-luxury");
    const other = `{ modelId: "lx26", trimId: ${JSON.stringify(id)} }`;
    const { data: found, errors } = await catalog.ask(`{
      bomDiff(from: ${one}, to: ${other}) { kind path }
      bomDiffPage(from: ${one}, to: ${other}, first: 2) { totalCount added removed changed edges { node { kind path } } } }`);
    expect(errors).toBeUndefined();
    const { totalCount, added, removed, changed, edges } = found.bomDiffPage;
    expect(totalCount).toBe(found.bomDiff.length);
    expect(added + removed + changed).toBe(totalCount);
    expect(edges.map(({ node }: { node: unknown }) => node)).toEqual(found.bomDiff.slice(0, 2));
    expect(totalCount).toBeGreaterThan(0);
  });
});
