import { randomUUID } from "node:crypto";
import type { Page } from "../../tools/browser.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CreateWorkOrderDocument, StartProjectDocument } from "../../schema/generated/documents.ts";
import { buttonOf, openDialog } from "./support/dialog.ts";
import { insertRun } from "../plms/fixtures.ts";
import { panel, seen, startSite, told, type Site } from "./support/site.ts";

describe("what can be done with a project", () => {
  let site: Site;
  beforeAll(async () => {
    site = await startSite();
  });
  afterAll(() => site?.close());

  const visit = async (path: string, look: (page: Page) => Promise<void>) => {
    const page = await site.open(path, { role: "supervisor" });
    await look(page);
    await page.close();
  };
  const start = (projectId: string) =>
    site.ask(StartProjectDocument, {
      input: { projectId, runKind: "BASELINE", writeSandbox: false, allowConcurrent: true },
      idempotencyKey: randomUUID(),
    });

  test("simulates: what it would cost, between what and what, and how reliable that is", () =>
    visit("/projects/1", async (page) => {
      const dialog = await openDialog(page, buttonOf(page, "Simulate"));
      await dialog.getByRole("slider").fill("10");
      await buttonOf(dialog, "Simulate").click();
      const headline = dialog.locator(".headline");
      await headline.getByText(/^\$\d+\.\d\d – \$\d+\.\d\d$/).waitFor();
      await headline.getByText(/reliable|rough/).waitFor();
      await dialog.getByText(/^\d+ of 220 tasks \(10 %\)$/).waitFor();
      await page.keyboard.press("Escape");
      await dialog.waitFor({ state: "detached" });
      expect(await page.locator(":focus").textContent()).toBe("Simulate");
    }));

  test("raises a budget, and the gauge has the new limit", () =>
    visit("/projects/1", async (page) => {
      const dialog = await openDialog(page, buttonOf(page, "Change budget"));
      await dialog.getByLabel("Budget in USD").fill("123.50");
      await buttonOf(dialog, "Change budget").click();
      await dialog.waitFor({ state: "detached" });
      await panel(page, "Budget runway").getByText("of $123.50").waitFor();
      expect(await seen(page.getByRole("status").getByText("The budget is changed."))).toBe(true);
    }));

  test("asks what to start, and asks the gateway with one key when that is pressed twice", () =>
    visit("/projects/3", async (page) => {
      const keys: unknown[] = [];
      page.on("request", (request) => {
        if (request.postData()?.includes("mutation StartProject"))
          keys.push((request.postDataJSON() as Started).variables.idempotencyKey);
      });
      const dialog = await openDialog(page, buttonOf(page, "Start"));
      await buttonOf(dialog, "Start full run").dblclick();
      await buttonOf(page, "Pause").waitFor();
      expect(keys.length).toBeGreaterThan(0);
      expect(new Set(keys).size).toBe(1);
    }));

  test("starts a rehearsal in a sandbox, which a full run is not offered, and calls it so", () =>
    visit("/projects/6", async (page) => {
      const dialog = await openDialog(page, buttonOf(page, "Start"));
      await dialog.getByText(/\$\d+\.\d\d estimated for all tasks/).waitFor();
      const sandbox = dialog.getByLabel("Write to a sandbox only");
      expect(await sandbox.count()).toBe(0);
      await dialog.getByLabel(/^Rehearsal/).check();
      await sandbox.check();
      await buttonOf(dialog, "Start rehearsal").click();
      await told(page, "The rehearsal has started in a sandbox.");
      await panel(page, "Run").getByText("Rehearsal (sandbox)").waitFor();
    }));

  test("keeps a run when told so, and ends it for a reason", () =>
    visit("/projects/3", async (page) => {
      const asked = await openDialog(page, buttonOf(page, "Cancel run"));
      await buttonOf(asked, "Keep it running").click();
      await asked.waitFor({ state: "detached" });
      const dialog = await openDialog(page, buttonOf(page, "Cancel run"));
      await dialog.getByLabel("Reason").fill("the customer has changed their mind");
      await buttonOf(dialog, "Cancel run").click();
      await told(page, "The run is cancelled.");
      await panel(page, "Run").locator("header").getByText("cancelled").waitFor();
      await panel(page, "Run").getByText("the customer has changed their mind").waitFor();
      expect(await seen(buttonOf(page, "Start"))).toBe(true);
    }));

  test("puts a task into another lane", () =>
    visit("/projects/4", async (page) => {
      const corrections = panel(page, "Lane corrections");
      await corrections.getByText("Every task is in the lane it was predicted for.").waitFor();
      const dialog = await openDialog(page, buttonOf(corrections, "Correct a lane"));
      await dialog.getByLabel("Now in").selectOption("Data-Schema");
      await dialog.getByLabel("Belongs in").selectOption("Code-Testing");
      await dialog.getByLabel("Reason").fill("it is a test");
      await buttonOf(dialog, "Correct lane").click();
      await dialog.waitFor({ state: "detached" });
      await told(page, "The lane is corrected.");
      expect(await seen(corrections.getByText("Data-Schema → Code-Testing: it is a test"))).toBe(true);
    }));

  test("says why a correction is refused, and stays open", () =>
    visit("/projects/4", async (page) => {
      const corrections = panel(page, "Lane corrections");
      const dialog = await openDialog(page, buttonOf(corrections, "Correct a lane"));
      await page.route("**/graphql", async (route) =>
        route.request().postData()?.includes("mutation OverrideLane") ? route.abort() : route.continue(),
      );
      await dialog.getByLabel("Task").locator("option").first().waitFor({ state: "attached" });
      await buttonOf(dialog, "Correct lane").click();
      await dialog.getByRole("alert").getByText("The gateway cannot be reached.").waitFor();
      expect(await dialog.isVisible()).toBe(true);
    }));

  test("offers the tasks that can be moved, and says how many there are beside those on the page", async () => {
    const tasks = Array.from({ length: 103 }, () => "simple" as const);
    const run = await insertRun(site.topology.database, { status: "cancelled" }, { tasks });
    const done = { run_id: run.id, usd_spent: 0.1, has_succeeded: true, has_failed: false };
    await site.topology.database.db
      .insertInto("plms.run_tasks")
      .values(run.taskIds.slice(0, 2).map((task_id) => ({ task_id, ...done })))
      .execute();
    await visit(`/projects/${run.projectId}`, async (page) => {
      const dialog = await openDialog(page, buttonOf(panel(page, "Lane corrections"), "Correct a lane"));
      const groups = dialog.getByLabel("Task").locator("optgroup");
      await groups.nth(1).waitFor({ state: "attached" });
      expect(await groups.evaluateAll((each) => each.map((group) => group.getAttribute("label")))).toEqual([
        "Still to be done (the first 100 of 101)",
        "Charged for already, so they stay",
      ]);
      expect(await dialog.getByLabel("Task").inputValue()).toBe(run.taskIds[2]);
      expect(await groups.nth(1).locator("option:not(:disabled)").count()).toBe(0);
    });
  });

  test("offers no start and no resuming that would be refused: says that the budget is used up, and what to do", async () => {
    const { db } = site.topology.database;
    const run = await insertRun(site.topology.database, { status: "cancelled" }, { usdMax: 1.5 });
    const spend = (spent: object) =>
      db.updateTable("plms.project_runs").set(spent).where("id", "=", run.id).execute();
    const limit = (limits: object) =>
      db.updateTable("plms.projects").set(limits).where("id", "=", run.projectId).execute();
    const says = (text: RegExp, isOffered: boolean) =>
      visit(`/projects/${run.projectId}`, async (page) => {
        const dialog = await openDialog(page, buttonOf(page, "Start"));
        await dialog.getByText(text).waitFor();
        expect(await buttonOf(dialog, "Start full run").isEnabled()).toBe(isOffered);
      });
    await says(/estimated for all tasks, budget \$1\.50/, true);
    await spend({ usd_spent: 1.6, tokens_spent: 2000 });
    await says(/^The budget is used up: \$1\.60 of \$1\.50\. Change the budget first\.$/, false);
    await limit({ budget_usd_max: 5, budget_tokens_max: 2000 });
    await says(/^The budget is used up: 2,000 of 2,000 tokens\. Change the budget first\.$/, false);
    // Of a run that others do, the executor is not asked, and does not say that it knows none of it.
    await spend({ status: "paused", paused_at: new Date(), is_observed: true });
    await visit(`/projects/${run.projectId}`, async (page) => {
      await page
        .getByTitle("The budget is used up: 2,000 of 2,000 tokens. Change the budget first.")
        .waitFor();
      expect(await buttonOf(page, "Resume").isDisabled()).toBe(true);
    });
  });

  test("shows the work orders of the catalogue beside the project's own figures", async () => {
    await site.ask(CreateWorkOrderDocument, {
      input: { modelId: "lx24", trimId: "lx24-luxury", qty: 3, projectId: "1" },
      idempotencyKey: randomUUID(),
    });
    await visit("/projects/1", async (page) => {
      const orders = panel(page, "Work orders");
      await orders.getByText(/WO-\d+/).waitFor();
      await orders.getByText("3 × Luxury").waitFor();
      await orders.getByText("planned").waitFor();
      expect(await seen(panel(page, "Products").getByText("PLM").first())).toBe(true);
    });
  });

  test("offers a person without the right nothing that would be refused", async () => {
    await start("5");
    const page = await site.open("/projects/5", { role: "operator" });
    await page.getByText("Your role may look, not act.").waitFor();
    await panel(page, "Run").locator("header").getByText("executing").waitFor();
    for (const name of ["Simulate", "Change budget", "Pause", "Cancel run", "Correct a lane"])
      expect([name, await buttonOf(page, name).count()]).toEqual([name, 0]);
    await page.close();
  });
});

interface Started {
  variables: { idempotencyKey: string };
}
