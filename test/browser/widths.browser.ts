import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  CancelRunDocument,
  ProjectDocument,
  StartProjectDocument,
} from "../../schema/generated/documents.ts";
import { waitFor } from "../../lib/wait.ts";
import { panel, settled, startSite, type Site } from "./support/site.ts";

/** Phones, tablets both ways, half a screen, and what 200 % of 1280 pixels leave. */
const WIDTHS = [360, 390, 640, 690, 768, 820, 960, 1024];
const PAGES = [
  "/",
  "/projects/1",
  "/portfolio",
  "/models",
  "/admin/plm-health",
  "/gateway",
  "/models/lx24",
  "/parts?q=LX24-AUDIO",
  "/work-orders",
  "/differences",
  "/plm-alerts",
  "/playground",
  "/nowhere",
];

describe("any width and any address", () => {
  let site: Site;
  beforeAll(async () => {
    site = await startSite();
    await cancelledRun(site, "3");
  });
  afterAll(() => site?.close());

  test.each(PAGES)("%s is cut nowhere, on phones, tablets and at double size", async (path) => {
    const page = await site.open(path, { role: "admin" });
    await settled(page);
    const cut: string[] = [];
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 });
      await page.evaluate(
        "new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))",
      );
      for (const what of await page.evaluate<string[]>(CUT)) cut.push(`${width}: ${what}`);
    }
    expect(cut).toEqual([]);
    await page.close();
  });

  test.each([
    ["/projects", "Projects"],
    ["/projects/", "Projects"],
    ["/portfolio/", "Portfolio"],
    ["/projects/3/", "LX21 Angler Pro electronics package"],
    ["/nowhere/at/all", "Not found"],
  ])("%s shows a page: %s", async (path, heading) => {
    const page = await site.open(path, { role: "supervisor" });
    await page.getByRole("heading", { level: 1, name: heading, exact: true }).waitFor();
    expect(await page.title()).toBe(`${heading} · Lifecycle gateway`);
    await page.close();
  });

  test("a wrong address says so in words, and the way from there", async () => {
    const page = await site.open("/nowhere/at/all");
    await page.getByText("There is no page at /nowhere/at/all.").waitFor();
    await page.getByRole("main").getByRole("link", { name: "projects" }).click();
    await page.getByRole("heading", { level: 1, name: "Projects" }).waitFor();
    await page.goto(`${site.topology.urls.gateway}/projects/none`);
    await page.getByText("There is no project none, or it is not yours to see.").waitFor();
    const response = await fetch(`${site.topology.urls.gateway}/api/none`, {
      headers: { accept: "text/html" },
    });
    expect([response.status, response.headers.get("content-type")]).toEqual([
      404,
      expect.stringContaining("problem+json"),
    ]);
    await page.close();
  });

  test("the drift of a lane with one run stays in its panel, at every width", async () => {
    const page = await site.open("/livez", { role: "supervisor" });
    await page.route("**/graphql", async (route) => {
      const asked = route.request().postData() ?? "";
      const isDrift = asked.includes("query EstimationDrift");
      if (!isDrift && !asked.includes("query ProjectLanes")) return route.continue();
      const response = await route.fetch();
      const text = await response.text();
      return route.fulfill({
        response,
        body: isDrift ? ONE_RUN : text.replaceAll('"observations":0', '"observations":1'),
      });
    });
    await page.goto(`${site.topology.urls.gateway}/projects/1`);
    await settled(page);
    const drift = panel(page, "Drift of the estimates");
    await drift.getByText("one run").first().waitFor();
    for (const width of [360, 690, 820, 960, 1280]) {
      await page.setViewportSize({ width, height: 900 });
      const spills = await drift.evaluate((element) => {
        const right = element.getBoundingClientRect().right;
        return [...element.querySelectorAll("*")].filter((each) => each.getBoundingClientRect().right > right)
          .length;
      });
      expect([width, spills]).toEqual([width, 0]);
    }
    await page.unrouteAll({ behavior: "ignoreErrors" });
    await page.close();
  });

  test("a table that is wider than a phone says that it goes on, until its end is seen", async () => {
    const page = await site.open("/projects/1", { role: "supervisor", width: 360 });
    await settled(page);
    const heatmap = panel(page, "Risk by lane and phase");
    await heatmap.getByText("It goes on to the right").waitFor();
    await heatmap.getByRole("region", { name: "Risk table" }).evaluate((table) => table.scrollTo(9_999, 0));
    await heatmap.getByText("It goes on to the right").waitFor({ state: "detached" });
    expect(await heatmap.getByText("Share left").isVisible()).toBe(true);
    await page.close();
  });

  test("a cancelled run is not waited for any more", async () => {
    const page = await site.open("/projects/3", { role: "supervisor" });
    await settled(page);
    await panel(page, "Run").locator("header").getByText("cancelled").waitFor();
    await panel(page, "KPIs").getByText("Not measured: the run was cancelled before its end.").waitFor();
    await panel(page, "Budget runway").getByText("The run has ended.").waitFor();
    expect(await page.getByText(/Not measured yet|None yet/).count()).toBe(0);
    await page.close();
  });
});

/** Runs in the page: what is wider than its place and cannot be moved there. */
const CUT = `(() => {
  const { scrollWidth, clientWidth } = document.documentElement;
  const found = scrollWidth > clientWidth ? ["the page is " + scrollWidth + " wide"] : [];
  for (const element of document.querySelectorAll("nav, .masthead, .panel, .filters, dialog")) {
    const inside = [...element.querySelectorAll("a, button, .badge, select, h2, p")];
    const right = element.getBoundingClientRect().right + 1;
    const spilled = inside.filter((each) => !each.closest(".scroll, .visually-hidden, pre, code") && each.getBoundingClientRect().right > right);
    for (const each of spilled.slice(0, 2)) found.push((each.textContent ?? "").slice(0, 40) + " in " + element.className + element.tagName);
  }
  return found;
})()`;

const ONE_RUN = JSON.stringify({
  data: {
    project: {
      estimationDrift: {
        isDrifting: false,
        trend: "STABLE",
        points: [
          { runId: "1", completedAt: new Date().toISOString(), maePct: 0.25, z: 0, lower: -1, upper: 1 },
        ],
      },
    },
  },
});

async function cancelledRun(site: Site, projectId: string): Promise<void> {
  await site.ask(StartProjectDocument, {
    input: { projectId, runKind: "BASELINE", writeSandbox: false },
    idempotencyKey: randomUUID(),
  });
  await waitFor(
    async () => {
      const { project } = await site.ask(ProjectDocument, { id: projectId });
      const runId = project?.runs.edges[0]?.node.id ?? "";
      const { cancelRun } = await site.ask(CancelRunDocument, { runId, reason: "not needed" });
      return cancelRun.__typename === "RunControlSuccess";
    },
    { what: "a cancelled run" },
  );
}
