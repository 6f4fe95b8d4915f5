import type { Page } from "../../tools/browser.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ProjectDocument, ProjectsDocument } from "../../schema/generated/documents.ts";
import { insertManyProjects } from "../plms/many-projects.ts";
import { seriousProblems } from "./support/axe.ts";
import { buttonOf, openDialog } from "./support/dialog.ts";
import { panel, seen, settled, startSite, told, type Site } from "./support/site.ts";

describe("by keys and by name", () => {
  let site: Site;
  beforeAll(async () => {
    site = await startSite({ RECONCILE_SECONDS: "3600" });
    await insertManyProjects(site.topology.database.db, { count: 200 });
  });
  afterAll(() => site?.close());

  const open = async (path: string, role: "admin" | "operator" = "admin") => {
    const page = await site.open(path, { role });
    await settled(page);
    return page;
  };
  const palette = async (page: Page) => {
    await page.keyboard.press("Control+k");
    const dialog = page.getByRole("dialog", { name: "Go to" });
    await dialog.waitFor();
    return dialog;
  };

  test.each([
    ["gatew", "Gateway"],
    ["alerts", "Alerts about the PLM"],
    ["differ", "Differences between PLM and MRP"],
  ])("Ctrl-K and %j go to the page %j", async (letters, name) => {
    const page = await open("/");
    const dialog = await palette(page);
    expect(await seriousProblems(page)).toEqual([]);
    await page.keyboard.type(letters);
    await dialog.getByRole("option", { name: `${name} Page`, selected: true }).waitFor();
    await page.keyboard.press("Enter");
    expect(await seen(page.getByRole("heading", { level: 1, name }))).toBe(true);
    await page.close();
  });

  test("Ctrl-K finds a project among all there are, and does what its page can do", async () => {
    const page = await open("/gateway");
    const { projects } = await site.ask(ProjectsDocument, { first: 100, search: "harbour" });
    const name = projects.edges.at(-1)?.node.name ?? "";
    const dialog = await palette(page);
    await page.keyboard.type(name);
    await dialog
      .getByRole("option", { name: `${name} Project` })
      .first()
      .click();
    await page.getByRole("heading", { level: 1, name }).waitFor();
    await settled(page);
    const again = await palette(page);
    await page.keyboard.type("change bud");
    await again.getByRole("option", { name: "Change budget Action", selected: true }).waitFor();
    await page.keyboard.press("Enter");
    expect(await seen(page.getByRole("dialog", { name: "Change the budget" }))).toBe(true);
    await page.close();
  });

  test("Ctrl-K offers nobody what they may not do", async () => {
    const page = await open("/projects/4", "operator");
    const dialog = await palette(page);
    await dialog.getByRole("option", { name: "Portfolio Page" }).waitFor();
    for (const name of ["PLM health Page", "Change budget Action", "Create work order Action"])
      expect([name, await dialog.getByRole("option", { name }).count()]).toEqual([name, 0]);
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("ArrowDown");
    await dialog.getByRole("option", { name: "Projects Page", selected: true }).waitFor();
    await page.close();
  });

  test("/ goes to the search of a list, and to Ctrl-K where there is none; ? shows the keys", async () => {
    const page = await open("/");
    await page.keyboard.press("/");
    await page.keyboard.type("har/?");
    expect(await page.getByRole("searchbox").inputValue()).toBe("har/?");
    expect(await page.getByRole("dialog").count()).toBe(0);
    await page.goto(`${site.topology.urls.gateway}/gateway`);
    await settled(page);
    await page.keyboard.press("/");
    await page.getByRole("dialog", { name: "Go to" }).waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keys" }).getByText("find in the list that is shown").waitFor();
    expect(await seriousProblems(page)).toEqual([]);
    await page.close();
  });

  test("a project is made with its tasks, and its page is there; one without a task is not offered", async () => {
    const page = await open("/");
    const dialog = await openDialog(page, buttonOf(page, "Create project"));
    expect(await seriousProblems(page)).toEqual([]);
    await dialog.getByLabel("Name").fill("A hull of my own");
    await dialog.getByLabel("Works on").selectOption("LX24");
    await dialog.getByLabel("Budget in USD").fill("12.50");
    await dialog.getByLabel("Only say so").check();
    expect(await buttonOf(dialog, "Create project").isDisabled()).toBe(true);
    await dialog.getByLabel(/^Tasks, one a line/).fill("Draw it\n\n  Build it  \n");
    await dialog.getByText("Tasks, one a line: 2 of 1,000").waitFor();
    await dialog.getByLabel("Lane of the tasks").selectOption("Code-Testing");
    await buttonOf(dialog, "Create project").click();
    await told(page, "A hull of my own is created.");
    await page.getByRole("heading", { level: 1, name: "A hull of my own" }).waitFor();
    const { project } = await site.ask(ProjectDocument, { id: page.url().split("/").at(-1) ?? "" });
    expect(project).toMatchObject({
      name: "A hull of my own",
      budget: { usdMax: 12.5, onExhausted: "ASK" },
      products: [{ model: { id: "lx24" } }],
    });
    await buttonOf(page, "Start").waitFor();
    await page.close();
  });

  test("a work order is made for a project, and is on its page", async () => {
    const page = await open("/projects/1");
    const dialog = await openDialog(page, buttonOf(page, "Create work order"));
    await dialog.getByLabel("Model").selectOption("LX24");
    await dialog.getByLabel("Trim").selectOption("Luxury");
    await dialog.getByLabel("Number of boats").fill("4");
    await buttonOf(dialog, "Create work order").click();
    await told(page, "WO-");
    await panel(page, "Work orders").getByText("4 × Luxury").waitFor();
    expect(await page.getByRole("dialog").count()).toBe(0);
    await page.close();
  });
});
