import { randomUUID } from "node:crypto";
import type { Page } from "../../tools/browser.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CreateWorkOrderDocument, StartProjectDocument } from "../../schema/generated/documents.ts";
import { buttonOf, openDialog } from "./support/dialog.ts";
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
