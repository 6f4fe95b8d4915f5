import type { Page } from "../../tools/browser.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SetPlmModeDocument } from "../../schema/generated/documents.ts";
import { buttonOf, openDialog } from "./support/dialog.ts";
import { ALERT, makeDifference, MRP_NAME, raiseAlert } from "./support/plm.ts";
import { panel, seen, settled, startSite, told, type Site } from "./support/site.ts";

describe("what an administrator can do about the PLM", () => {
  let site: Site;
  beforeAll(async () => {
    site = await startSite();
  });
  afterAll(() => site?.close());

  const visit = async (look: (page: Page) => Promise<void>) => {
    const page = await site.open("/admin/plm-health", { role: "admin" });
    await settled(page);
    await look(page);
    await page.close();
  };

  test("changes the mode for some models, for a reason that stays in the history", () =>
    visit(async (page) => {
      const mode = panel(page, "Mode");
      const dialog = await openDialog(page, buttonOf(mode, "Change mode"));
      await dialog.getByLabel("Shadow").check();
      await dialog.getByLabel("Models").fill("LX24, LX26");
      await dialog.getByLabel("Reason").fill("compare for a week");
      await buttonOf(dialog, "Change mode").click();
      await told(page, "The mode is changed.");
      await dialog.waitFor({ state: "detached" });
      await mode.locator("header").getByText("shadow").waitFor();
      await mode.getByText("LX24, LX26").waitFor();
      await mode.getByText("compare for a week").waitFor();
      expect(await seen(mode.getByRole("listitem").first().getByText("by local-admin"))).toBe(true);
    }));

  test("does not overrule a change that somebody else made meanwhile", () =>
    visit(async (page) => {
      const mode = panel(page, "Mode");
      const dialog = await openDialog(page, buttonOf(mode, "Change mode"));
      await site.ask(SetPlmModeDocument, { input: { mode: "SHADOW", models: [], reason: "for all" } });
      await mode.getByText("For all models").waitFor();
      await dialog.getByLabel("Disabled").check();
      await dialog.getByLabel("Reason").fill("without looking");
      await buttonOf(dialog, "Change mode").click();
      await dialog.getByRole("alert").waitFor();
      await page.keyboard.press("Escape");
      expect(await seen(mode.locator("header").getByText("shadow"))).toBe(true);
    }));

  test("classifies a difference between PLM and MRP", async () => {
    await makeDifference(site);
    const page = await site.open("/admin/plm-health", { role: "admin" });
    await settled(page);
    await panel(page, "Differences between PLM and MRP").getByRole("link", { name: "line by line" }).click();
    await buttonOf(page, "Clear").click();
    const differences = panel(page, "Differences between PLM and MRP");
    const row = differences.getByRole("row").filter({ hasText: MRP_NAME });
    const dialog = await openDialog(page, buttonOf(row, "Classify"));
    await buttonOf(dialog, "Save").click();
    await dialog.getByRole("alert").getByText("Choose what it means.").waitFor();
    await dialog.getByLabel("The MRP is wrong").check();
    await dialog.getByLabel("Note").fill("renamed by hand");
    await buttonOf(dialog, "Save").click();
    await told(page, "The difference is classified.");
    await dialog.waitFor({ state: "detached" });
    await buttonOf(row, "mrp wrong").waitFor();
    await page.getByLabel("Severity").selectOption("Critical");
    expect(await seen(differences.getByText("None were seen."))).toBe(true);
    await page.close();
  });

  test("rolls back one step at a time, and not below disabled", () =>
    visit(async (page) => {
      const mode = panel(page, "Mode");
      const dialog = await openDialog(page, buttonOf(mode, "Roll back"));
      await dialog.getByText("shadow → disabled").waitFor();
      await dialog.getByLabel("Reason").fill("the figures look wrong");
      await buttonOf(dialog, "Roll back").click();
      await told(page, "The PLM is rolled back one step.");
      await dialog.waitFor({ state: "detached" });
      await mode.locator("header").getByText("disabled").waitFor();
      expect(await buttonOf(mode, "Roll back").isDisabled()).toBe(true);
      await panel(page, "The PLM right now").locator("header").getByText("disabled").waitFor();
      await site.ask(SetPlmModeDocument, { input: { mode: "ENABLED", models: [], reason: "over" } });
      await mode.locator("header").getByText("enabled").waitFor();
    }));

  test("holds the circuit open for a reason, and lets go of it", () =>
    visit(async (page) => {
      const circuit = panel(page, "Circuit to the PLM");
      const dialog = await openDialog(page, buttonOf(circuit, "Isolate"));
      await dialog.getByLabel("Reason").fill("maintenance of the PLM");
      await buttonOf(dialog, "Isolate").click();
      await told(page, "The PLM is isolated.");
      await dialog.waitFor({ state: "detached" });
      await circuit.locator("header").getByText("isolated").waitFor();
      await circuit.getByText("maintenance of the PLM").waitFor();
      await buttonOf(circuit, "Release").click();
      await told(page, "The circuit is released.");
      await circuit.locator("header").getByText("isolated").waitFor({ state: "detached" });
      expect(await seen(buttonOf(circuit, "Isolate"))).toBe(true);
    }));

  test("lets somebody look after an alert, and says who does and since when", async () => {
    await raiseAlert(site);
    await visit(async (page) => {
      const alert = panel(page, "Alerts about the PLM").getByRole("listitem").filter({ hasText: ALERT });
      const dialog = await openDialog(page, buttonOf(alert, "Acknowledge"));
      await dialog.getByLabel("Note").fill("on the phone with the partner");
      await buttonOf(dialog, "Acknowledge").click();
      await told(page, "You look after the alert.");
      await dialog.waitFor({ state: "detached" });
      await alert.getByText(/local-admin looks after it since \d\d:\d\d:\d\d/).waitFor();
      expect(await buttonOf(alert, "Acknowledge").count()).toBe(0);
    });
    const page = await site.open("/portfolio", { role: "operator" });
    await panel(page, "Alerts about the PLM").getByText("local-admin looks after it").waitFor();
    await page.close();
  });

  test("breaks the demo's PLM by a button, and heals it", () =>
    visit(async (page) => {
      const demo = panel(page, "Break the demo's PLM");
      await buttonOf(demo, "Down").click();
      await told(page, "The demo's PLM: down.");
      await demo.locator("header").getByText("down").waitFor();
      expect(await buttonOf(demo, "Down").isDisabled()).toBe(true);
      await expect(fetch(`${site.topology.urls.plm}/plm/catalog`)).rejects.toThrow("fetch failed");
      await buttonOf(demo, "Heal").click();
      await told(page, "The demo's PLM is healed.");
      expect((await fetch(`${site.topology.urls.plm}/plm/catalog`)).status).toBe(401);
    }));

  test("says which models there are when a mode is asked for one that there is not", () =>
    visit(async (page) => {
      const dialog = await openDialog(page, buttonOf(panel(page, "Mode"), "Change mode"));
      await dialog.getByLabel("Shadow").check();
      await dialog.getByLabel("Models").fill("LX99");
      await dialog.getByLabel("Reason").fill("a typing error");
      await buttonOf(dialog, "Change mode").click();
      const problem = dialog.getByRole("alert").getByText(/"LX99" is not allowed; expected .*LX24/);
      expect(await seen(problem)).toBe(true);
      await page.keyboard.press("Escape");
    }));

  test("draws how the PLM did over an hour and over a day, and when its circuit kept calls away", async () => {
    const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);
    await site.topology.database.db
      .insertInto("catalog.circuit_transitions")
      .values([
        { circuit: "plm", from_state: "closed", to_state: "open", cause: "ECONNREFUSED", at: minutesAgo(20) },
        { circuit: "plm", from_state: "open", to_state: "half_open", cause: null, at: minutesAgo(10) },
      ])
      .execute();
    await visit(async (page) => {
      const history = panel(page, "Performance over time");
      const answers = history.getByRole("slider", {
        name: /^Time to answer: 95 % of the calls within \d+ ms/,
      });
      // The page looks again every 15 seconds: what had not been written down the first time is there the second time.
      await answers.waitFor();
      await answers.focus();
      for (let step = 0; step < 3; step += 1) await page.keyboard.press("PageDown");
      expect(await answers.getAttribute("aria-valuetext")).toMatch(/Circuit open: open, nobody answers/);
      await buttonOf(page, "1 day").click();
      expect(new URL(page.url()).search).toBe("?range=24h");
      expect(await seen(history.getByRole("slider", { name: /^Shares of calls and readings: / }))).toBe(true);
    });
  });
});
