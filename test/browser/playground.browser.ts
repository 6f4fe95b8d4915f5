import { randomUUID } from "node:crypto";
import type { Page } from "../../tools/browser.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { StartProjectDocument } from "../../schema/generated/documents.ts";
import { seriousProblems } from "./support/axe.ts";
import { buttonOf } from "./support/dialog.ts";
import { panel, seen, startSite, type Site } from "./support/site.ts";

describe("the playground", () => {
  let site: Site;
  beforeAll(async () => {
    site = await startSite();
  });
  afterAll(() => site?.close());

  const visit = async (look: (page: Page) => Promise<void>) => {
    const page = await site.open("/playground", { role: "supervisor" });
    await look(page);
    await page.close();
  };
  const choose = (page: Page, name: string) => page.getByLabel("Example").selectOption({ label: name });
  const answer = (page: Page) => page.locator("pre");

  test("runs the query that it opens with", () =>
    visit(async (page) => {
      await buttonOf(page, "Run").click();
      await answer(page).getByText('"name": "Online configurator for the LX24"').waitFor();
      expect(await seriousProblems(page)).toEqual([]);
    }));

  test("runs a mutation with the reader's token and inputs that are filled in", () =>
    visit(async (page) => {
      expect(await page.getByLabel("Headers").inputValue()).toContain('"authorization": "Bearer ');
      await choose(page, "StartProject");
      await page.getByLabel("Variables").press("Control+Enter");
      await answer(page).getByText('"__typename": "StartProjectSuccess"').waitFor();
      await page.getByLabel("Headers").fill("{}");
      await buttonOf(page, "Run").click();
      await answer(page)
        .getByText('"code": "FORBIDDEN"')
        .or(answer(page).getByText("UNAUTHENTICATED"))
        .waitFor();
    }));

  test("shows the events of a subscription as they come, until it is stopped", () =>
    visit(async (page) => {
      await site.ask(StartProjectDocument, {
        input: { projectId: "1", runKind: "BASELINE", writeSandbox: false },
        idempotencyKey: randomUUID(),
      });
      await choose(page, "BudgetRunway");
      await buttonOf(page, "Run").click();
      await answer(page)
        .getByText(/^Event ([3-9]|\d\d)\n/)
        .waitFor({ timeout: 30_000 });
      const ended = page.waitForEvent("requestfailed");
      await buttonOf(page, "Stop").click();
      expect((await ended).postData()).toContain("subscription BudgetRunway");
    }));

  test("says what cannot be sent", () =>
    visit(async (page) => {
      await page.getByLabel("Variables").fill("{oops");
      await buttonOf(page, "Run").click();
      await answer(page).getByText("The variables are not JSON").waitFor();
      await page.getByLabel("Variables").fill("{}");
      await page.getByRole("textbox", { name: "Operation" }).fill("{ nothingOfTheKind }");
      await buttonOf(page, "Run").click();
      expect(await seen(answer(page).getByText('Cannot query field \\"nothingOfTheKind\\"'))).toBe(true);
    }));

  test("is found from the gateway page", async () => {
    const page = await site.open("/gateway");
    await page.getByRole("link", { name: "Open the playground" }).click();
    await page.getByRole("heading", { level: 1, name: "Playground" }).waitFor();
    expect(await seen(panel(page, "Operation"))).toBe(true);
    await page.close();
  });
});
