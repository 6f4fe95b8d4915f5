import type { Page, WebSocketRoute } from "../../tools/browser.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ProjectSummaryDocument } from "../../schema/generated/documents.ts";
import { waitFor } from "../../lib/wait.ts";
import { insertManyProjects } from "../plms/many-projects.ts";
import { seriousProblems } from "./support/axe.ts";
import { panel, seen, settled, startSite, type Site } from "./support/site.ts";

const COUNT = 10_000;
const DEMO = 6;

describe(`the list of ${COUNT} projects`, () => {
  let site: Site;
  beforeAll(async () => {
    site = await startSite({ RECONCILE_SECONDS: "3600" });
    await insertManyProjects(site.topology.database.db, { count: COUNT });
  });
  afterAll(() => site?.close());

  const open = async (path: string) => {
    const page = await site.open(path, { role: "supervisor" });
    await settled(page);
    return page;
  };
  const rows = (page: Page) => panel(page, "All projects").locator("tbody tr");
  const total = (page: Page, text: string) =>
    page.getByRole("navigation", { name: "Pages of projects" }).getByText(text);

  test("tells totals of all projects, as the server has them", async () => {
    const page = await open("/");
    const figure = (label: string) =>
      panel(page, "In total").locator(".figure").filter({ hasText: label }).locator("strong");
    await waitFor(
      async () => {
        const { projectSummary: known } = await site.ask(ProjectSummaryDocument, {});
        const shown = await Promise.all(
          ["Projects", "Running now", "Budgets in danger"].map((label) => figure(label).textContent()),
        );
        const told = [known.total, known.running, known.critical].map((value) => value.toLocaleString("en"));
        return known.total === COUNT + DEMO && JSON.stringify(shown) === JSON.stringify(told);
      },
      { what: "the totals of the server" },
    );
    expect(await seriousProblems(page)).toEqual([]);
    await page.close();
  });

  test("pages there and back, in the address", async () => {
    const page = await open("/");
    await total(page, "50 of 10,006 projects").waitFor();
    const first = await rows(page).first().textContent();
    await page.getByRole("link", { name: "Next" }).click();
    await waitFor(async () => (await rows(page).first().textContent()) !== first);
    const second = await rows(page).first().getByRole("link").textContent();
    expect(new URL(page.url()).searchParams.get("after")).not.toBeNull();
    await page.reload();
    await settled(page);
    expect(await rows(page).first().getByRole("link").textContent()).toBe(second);
    await page.getByRole("link", { name: "Previous" }).click();
    await rows(page).first().getByText("Online configurator for the LX24").waitFor();
    await page.goBack();
    await rows(page)
      .first()
      .getByText(second ?? "")
      .waitFor();
    await page.close();
  });

  test("is found by text, narrowed and sorted, and whoever has the address sees the same", async () => {
    const page = await open("/");
    await page.getByRole("searchbox", { name: "Find a project" }).fill("harbour 99");
    await waitFor(async () => (await rows(page).count()) < 50, { what: "fewer projects" });
    for (const name of await rows(page).getByRole("link").allTextContents())
      expect(name).toMatch(/^Harbour 99/);
    await page.getByRole("searchbox", { name: "Find a project" }).fill("");
    await page.getByLabel("Status", { exact: true }).selectOption("EXECUTING");
    await page.getByRole("button", { name: "Project", exact: true }).click();
    await total(page, "50 of 500 projects").waitFor();
    const names = await rows(page).getByRole("link").allTextContents();
    expect(names.map((name) => name.toLowerCase())).toEqual(
      names.map((name) => name.toLowerCase()).toSorted(),
    );
    const other = await open(new URL(page.url()).pathname + new URL(page.url()).search);
    expect(await rows(other).getByRole("link").allTextContents()).toEqual(names);
    await other.close();
    await page.getByRole("button", { name: "Clear" }).click();
    await total(page, "50 of 10,006 projects").waitFor();
    await page.close();
  });

  test("shows those in danger when somebody asks for them", async () => {
    const page = await open("/?budget=CRITICAL");
    await total(page, "50 of 100 projects").or(rows(page).nth(49)).first().waitFor();
    await waitFor(
      async () => (await rows(page).getByText("critical").count()) === (await rows(page).count()),
      { what: "nothing but budgets in danger" },
    );
    await page.close();
  });

  test("says so when nothing is found, and when the address asks for what there is not", async () => {
    const page = await open("/?q=there+is+none");
    await panel(page, "All projects").getByText("No project here is what you look for.").waitFor();
    await page.goto(`${site.topology.urls.gateway}/?status=ASLEEP`);
    await panel(page, "All projects").getByRole("alert").waitFor();
    await page.getByRole("button", { name: "Clear" }).click();
    expect(await seen(total(page, "50 of 10,006 projects"))).toBe(true);
    await page.close();
  });

  test("keeps its place while projects move, and shows the new order when asked to", async () => {
    const page = await open("/?sort=-SPENT");
    const before = await rows(page).getByRole("link").allTextContents();
    const { db } = site.topology.database;
    const { id } = await db
      .selectFrom("plms.project_runs")
      .select("id")
      .orderBy("usd_spent")
      .limit(1)
      .executeTakeFirstOrThrow();
    await db.updateTable("plms.project_runs").set({ usd_spent: 5_000 }).where("id", "=", id).execute();
    await page.mouse.move(200, 200);
    await page.getByText("The list has changed since you came.").waitFor();
    expect(await rows(page).getByRole("link").allTextContents()).toEqual(before);
    await page.getByRole("button", { name: "Show it as it is now" }).click();
    await rows(page).first().getByText("$5,000.00").waitFor();
    await page.close();
  });

  test("follows only what is on the screen", async () => {
    const page = await site.open("/livez", { role: "supervisor" });
    const followed = new Map<string, string>();
    await page.routeWebSocket(/graphql/, (route: WebSocketRoute) => {
      const server = route.connectToServer();
      route.onMessage((message) => {
        const frame = JSON.parse(String(message)) as Frame;
        if (frame.type === "subscribe" && frame.payload?.variables?.projectId)
          followed.set(frame.id ?? "", frame.payload.variables.projectId);
        if (frame.type === "complete") followed.delete(frame.id ?? "");
        server.send(message);
      });
    });
    await page.goto(`${site.topology.urls.gateway}/?status=EXECUTING`);
    await settled(page);
    await waitFor(() => followed.size > 5, { what: "rows that are followed" });
    expect(followed.size).toBeLessThan(30);
    const last = (await rows(page).last().getByRole("link").getAttribute("href"))?.split("/").at(-1) ?? "";
    expect([...followed.values()]).not.toContain(last);
    await rows(page).last().scrollIntoViewIfNeeded();
    await waitFor(() => [...followed.values()].includes(last), { what: "the last row to be followed" });
    await waitFor(() => followed.size < 30, { what: "the first rows to be left" });
    await page.close();
  });
});

interface Frame {
  type: string;
  id?: string;
  payload?: { variables?: { projectId?: string } };
}
