import type { Page } from "../../tools/browser.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { waitFor } from "../../lib/wait.ts";
import { buttonOf, openDialog } from "./support/dialog.ts";
import { panel, seen, settled, spentUsd, startSite, type Site } from "./support/site.ts";

describe("who sees what", () => {
  let site: Site;
  beforeAll(async () => {
    site = await startSite();
  });
  afterAll(() => site?.close());

  test.each(["operator", "supervisor"] as const)("keeps the PLM page from a %s", async (role) => {
    const page = await site.open("/admin/plm-health", { role });
    await page.getByText("Sign in with a token that holds the scope plm.admin").waitFor();
    expect(await page.getByRole("region").count()).toBe(1);
    expect(await page.getByRole("link", { name: "PLM health" }).count()).toBe(0);
    await page.close();
  });

  test("keeps the queue from who may not see the portfolio", async () => {
    const page = await site.open("/portfolio", { role: "operator" });
    await page.getByText("portfolio.view").waitFor();
    expect(await seen(panel(page, "Alerts"))).toBe(true);
    await page.close();
  });

  test("gives and takes pages and buttons as the role changes, without a reload", async () => {
    const page = await site.open("/projects/4", { role: "operator" });
    await page.getByText("Your role may look, not act.").waitFor();
    await signIn(page, /operator/, () => site.topology.token("admin"));
    await page.getByRole("link", { name: "PLM health" }).waitFor();
    await buttonOf(page, "Start").waitFor();
    await signIn(page, /admin/, () => site.topology.token("operator"));
    await buttonOf(page, "Start").waitFor({ state: "detached" });
    expect(await page.getByRole("link", { name: "PLM health" }).count()).toBe(0);
    await page.close();
  });

  test("renews the token without a flash: no panel loads again, and nothing seems lost", async () => {
    const page = await site.open("/projects/1", { role: "supervisor" });
    const dialog = await openDialog(page, buttonOf(page, "Start"));
    await buttonOf(dialog, "Start full run").click();
    await panel(page, "Receipts").getByRole("row").nth(1).waitFor();
    await panel(page, "KPIs").getByText("Not measured yet").waitFor();
    await settled(page);
    await page.evaluate(WATCH_FLASHES);
    const opened = page.waitForEvent("websocket");
    await signIn(page, /supervisor/, () => site.topology.token("supervisor", 500));
    await opened;
    const before = await spentUsd(page);
    await waitFor(async () => (await spentUsd(page)) > before, { what: "values on the new token" });
    expect(await page.evaluate("globalThis.flashes")).toEqual([]);
    await page.close();
  });

  test("says that a token has expired, and goes on as nobody", async () => {
    const page = await site.open("/projects/4", { role: "supervisor" });
    await signIn(page, /supervisor/, () => site.topology.token("supervisor", 8));
    await page.getByText("token ends soon").waitFor();
    await page
      .getByRole("alert")
      .getByText(/expired|not accepted/)
      .waitFor();
    await buttonOf(page, "Sign in").waitFor();
    await page.getByText("Sign in to start, simulate or pause.").waitFor();
    expect(await seen(panel(page, "Budget runway").getByRole("img"))).toBe(true);
    await page.close();
  });
});

/** The token is made when it is needed: some are good for seconds only. */
async function signIn(page: Page, button: RegExp, token: () => Promise<string>): Promise<void> {
  const dialog = await openDialog(page, page.getByRole("button", { name: button }));
  await dialog.getByLabel("Token").fill(await token());
  await buttonOf(dialog, "Renew").click();
  await dialog.waitFor({ state: "detached" });
}

/** Notes every panel that turns to loading, every alert, and every word about a lost connection. */
const WATCH_FLASHES = `
  globalThis.flashes = [];
  const look = () => {
    for (const panel of document.querySelectorAll("[aria-busy=true], .panel [role=alert], [data-stale=true]"))
      globalThis.flashes.push(panel.textContent);
    const connection = document.querySelector("[data-testid=connection]").textContent;
    if (!connection.includes("live")) globalThis.flashes.push(connection);
  };
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
`;
