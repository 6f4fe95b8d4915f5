import { sql } from "kysely";
import type { Page } from "../../tools/browser.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ProjectsDocument } from "../../schema/generated/documents.ts";
import { waitFor } from "../../lib/wait.ts";
import { seriousProblems } from "./support/axe.ts";
import { buttonOf } from "./support/dialog.ts";
import { panel, seen, settled, startSite, told, type Site } from "./support/site.ts";

const FIRING = 200;

/** Alerts of projects that nothing happens to, so that they stay as they are. */
async function insertAlerts({ topology }: Site): Promise<void> {
  const { db } = topology.database;
  await sql`
    with project as (
      insert into plms.projects (tenant, name, status, created_by)
      select 'default', 'Quiet project ' || n, 'approved', 'test' from generate_series(1, ${FIRING}::int) as n
      returning id
    ), runway as (
      insert into plms.project_runways (project_id, status, evaluated_at) select id, 'unknown', now() from project
    )
    insert into plms.alerts (tenant, project_id, kind, cause, period, severity, state, message, value, threshold, raised_at)
    select 'default', id, case when id % 4 = 0 then 'tokens_exhausted' else 'overrun_likely' end,
      case when id % 4 = 0 then 'tokens' else 'budget' end, '1', 'critical', 'firing',
      'Something about project ' || id, 1, 1, now() - interval '12 minutes'
    from project`.execute(db);
}

describe("what is wrong with projects", () => {
  let site: Site;
  beforeAll(async () => {
    site = await startSite();
    await insertAlerts(site);
  });
  afterAll(() => site?.close());

  const items = (page: Page) => panel(page, "Alerts").getByRole("listitem");

  test("is grouped by kind with the counts of all, comes in pages, and says its age and its project", async () => {
    const page = await site.open("/portfolio", { role: "supervisor" });
    await settled(page);
    const kinds = page.getByRole("group", { name: "Kinds of alerts" });
    await kinds.getByRole("button", { name: /^Overrun likely 1\d\d$/ }).waitFor();
    await panel(page, "Alerts")
      .getByText(/^10 of 2\d\d alerts$/)
      .waitFor();
    expect(await items(page).count()).toBe(10);
    await kinds.getByRole("button", { name: "Tokens used up 50" }).click();
    await panel(page, "Alerts").getByText("10 of 50 alerts").waitFor();
    const first = await items(page).first().textContent();
    expect(first).toMatch(
      /Something about project \d+Quiet project \d+ · Tokens used up · raised 1\d min ago/,
    );
    await panel(page, "Alerts").getByRole("link", { name: "Next" }).click();
    await waitFor(async () => (await items(page).first().textContent()) !== first, { what: "the next page" });
    expect(await seriousProblems(page)).toEqual([]);
    await page.close();
  });

  test("stays where it is when it is over while somebody reads it, and says how long it lasted", async () => {
    const page = await site.open("/portfolio?alerts.kind=TOKENS_EXHAUSTED", { role: "supervisor" });
    await settled(page);
    const text = (await items(page).nth(2).textContent())?.match(/Something about project \d+/)?.[0] ?? "";
    await site.topology.database.db
      .updateTable("plms.alerts")
      .set({ state: "resolved", resolved_at: new Date() })
      .where("message", "=", text)
      .execute();
    await items(page)
      .nth(2)
      .getByText(/lasted 1\d min, over/)
      .waitFor();
    expect(await items(page).nth(2).textContent()).toContain(text);
    await buttonOf(page, "Show them as they are now").click();
    await waitFor(async () => !(await items(page).nth(2).textContent())?.includes(text), {
      what: "the new order",
    });
    await page.close();
  });

  test("explains a budget in danger in the same sentence on the list, on the page and to other clients", async () => {
    const { projects } = await site.ask(ProjectsDocument, { first: 6 });
    const sentence = projects.edges.find(({ node }) => node.id === "2")?.node.budgetRunway.advice?.sentence;
    expect(sentence).toMatch(
      /^It is .*\d+ % likely to go over its budget of \d+\.\d\d USD, as .*: raise the budget by \d+\.\d\d USD\.$/,
    );
    const page = await site.open("/", { role: "supervisor" });
    await page
      .getByRole("row")
      .getByText(sentence ?? "")
      .waitFor();
    await page.getByRole("link", { name: "LX26 electrical system relaunch" }).click();
    expect(await seen(panel(page, "Budget runway").getByText(sentence ?? ""))).toBe(true);
    await page.close();
  });

  test("is mended by the raise that it names", async () => {
    const page = await site.open("/projects/2", { role: "supervisor" });
    const runway = panel(page, "Budget runway");
    await runway.getByRole("button", { name: /^Raise by \$\d+\.\d\d$/ }).click();
    await buttonOf(page.getByRole("dialog"), "Change budget").click();
    await told(page, "The budget is changed.");
    await runway.locator("header").getByText("ok").waitFor();
    expect(await runway.getByText("likely to go over").count()).toBe(0);
    await page.close();
  });
});
