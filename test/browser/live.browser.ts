import { randomUUID } from "node:crypto";
import type { WebSocketRoute } from "../../tools/browser.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ProjectDocument, StartProjectDocument } from "../../schema/generated/documents.ts";
import { waitFor } from "../../lib/wait.ts";
import { buttonOf, openDialog } from "./support/dialog.ts";
import { panel, spentUsd, startSite, told, type Site } from "./support/site.ts";

describe("the dashboard, live", () => {
  let site: Site;
  beforeAll(async () => {
    site = await startSite();
  });
  afterAll(() => site?.close());

  test("starts one run however often Start is pressed, and the gauge moves", async () => {
    const page = await site.open("/projects/2", { role: "supervisor" });
    const dialog = await openDialog(page, buttonOf(page, "Start"));
    await buttonOf(dialog, "Start full run").dblclick();
    const before = await waitFor(() => spentUsd(page), { what: "the first charge" });
    await waitFor(async () => (await spentUsd(page)) > before, { what: "the gauge to move" });
    await panel(page, "Receipts").getByRole("row").nth(1).waitFor();
    expect(await runsOf(site, "2")).toBe(1);
    await page.close();
  });

  test("pauses and resumes the run", async () => {
    const page = await site.open("/projects/2", { role: "supervisor" });
    await page.getByRole("button", { name: "Pause" }).click();
    await told(page, "The run is paused.");
    await panel(page, "Run").locator("header").getByText("paused").waitFor();
    await page.getByRole("button", { name: "Resume" }).click();
    await panel(page, "Run").locator("header").getByText("executing").waitFor();
    expect(await page.getByRole("button", { name: "Pause" }).isEnabled()).toBe(true);
    await page.close();
  });

  test("shows the circuit opening when the PLM dies, and closing when it is back", async () => {
    const page = await site.open("/gateway");
    const circuit = panel(page, "Circuit to the PLM");
    const state = (name: RegExp) => circuit.locator("header").getByText(name);
    await state(/^\W*closed$/).waitFor();
    await site.breakPlm([{ path: "/plm/*", mode: "down" }]);
    await state(/^\W*open$/).waitFor();
    await site.breakPlm([]);
    await state(/^\W*closed$/).waitFor();
    expect(await circuit.getByRole("listitem").first().textContent()).toContain("half open → closed");
    await page.close();
  });

  test("goes on after a cut where it was, and says so while it lasts", async () => {
    const page = await site.open("/gateway");
    const sockets: WebSocketRoute[] = [];
    const asked: Subscribe[] = [];
    await page.routeWebSocket(/graphql/, (route) => {
      sockets.push(route);
      const server = route.connectToServer();
      route.onMessage((message) => {
        const frame = JSON.parse(String(message)) as Subscribe;
        if (frame.type === "subscribe") asked.push(frame);
        server.send(message);
      });
    });
    await startRun(site, "3");
    await page.goto(`${site.topology.urls.gateway}/projects/3`);
    await waitFor(() => spentUsd(page), { what: "the gauge" });
    const first = asked.length;
    const before = await spentUsd(page);
    await sockets[0]?.close({ code: 4000 });
    await page.getByTestId("connection").getByText("reconnecting").waitFor();
    await page.getByTestId("connection").getByText("live").waitFor();
    await waitFor(async () => (await spentUsd(page)) > before, { what: "new values" });
    const again = asked.slice(first).map(({ payload }) => payload.extensions?.lastEventId);
    expect(again.length).toBeGreaterThan(0);
    expect(again.filter((id) => id === undefined)).toEqual([]);
    await page.close();
  });

  test("shows every value of the run exactly once, in order, across a cut", async () => {
    const page = await site.open("/gateway");
    const sockets: WebSocketRoute[] = [];
    let cut: WebSocketRoute | undefined;
    const events: Event[] = [];
    await page.routeWebSocket(/graphql/, (route) => {
      sockets.push(route);
      const server = route.connectToServer();
      server.onMessage((message) => {
        // What the gateway still sends into a cut is not shown, and comes again.
        if (route === cut) return;
        const frame = JSON.parse(String(message)) as Event;
        if (frame.payload?.data?.budgetRunway?.budget.usdCommitted !== undefined) events.push(frame);
        route.send(message);
      });
    });
    await startRun(site, "1");
    await page.goto(`${site.topology.urls.gateway}/projects/1`);
    await waitFor(() => events.length > 3, { what: "events" });
    const before = events.length;
    cut = sockets[0];
    await cut?.close({ code: 4000 });
    await waitFor(() => events.length > before + 3, { what: "events after the cut" });
    const ids = events.map(({ payload }) => payload?.extensions?.eventId);
    expect(ids.filter((id) => id === undefined)).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
    expect(events.filter(({ payload }) => payload?.extensions?.gap)).toEqual([]);
    const spent = events.map(({ payload }) => payload?.data?.budgetRunway?.budget.usdSpent ?? 0);
    expect(spent).toEqual(spent.toSorted((a, b) => a - b));
    await page.close();
  });

  test("keeps old values while the connection is away, and says from when they are", async () => {
    const page = await site.open("/gateway");
    const sockets: WebSocketRoute[] = [];
    const state = { isAway: false };
    await page.routeWebSocket(/graphql/, async (route) => {
      sockets.push(route);
      if (state.isAway) return route.close({ code: 1011 });
      return void route.connectToServer();
    });
    await page.goto(`${site.topology.urls.gateway}/projects/1`);
    await panel(page, "Budget runway").getByRole("img").waitFor();
    state.isAway = true;
    // The one that is in use: on a busy machine the page may have connected again by now.
    await sockets.at(-1)?.close({ code: 1011 });
    const runway = panel(page, "Budget runway");
    await runway.getByText(/^as of \d\d:\d\d:\d\d$/).waitFor();
    expect(await spentUsd(page)).not.toBeNaN();
    expect(await runway.getAttribute("data-stale")).toBe("true");
    state.isAway = false;
    await runway.getByText(/^as of/).waitFor({ state: "detached" });
    await page.close();
  });

  test("asks for one subscription once, and again only when it was refused", async () => {
    const page = await site.open("/livez");
    const asked: string[] = [];
    const state = { isRefusing: true };
    await page.clock.install();
    await page.routeWebSocket(/graphql/, (route) => {
      const server = route.connectToServer();
      route.onMessage((message) => {
        const { type, id, payload } = JSON.parse(String(message)) as Subscribe;
        const isRunway = type === "subscribe" && payload.query?.includes("subscription BudgetRunway");
        if (isRunway) asked.push(id);
        if (!isRunway || !state.isRefusing) return server.send(message);
        const refusal = [{ message: "not now", extensions: { userMessage: "Come back in a moment." } }];
        return route.send(JSON.stringify({ id, type: "error", payload: refusal }));
      });
    });
    await page.goto(`${site.topology.urls.gateway}/projects/4`);
    const runway = panel(page, "Budget runway");
    await runway.getByRole("alert").getByText("Come back in a moment.").waitFor();
    state.isRefusing = false;
    await runway.getByRole("img").waitFor();
    await runway.getByRole("alert").waitFor({ state: "detached" });
    const before = asked.length;
    await page.clock.fastForward(20_000);
    expect(asked.length).toBe(before);
    await page.close();
  });

  test("follows the person: sign in, sign out, without a reload", async () => {
    const page = await site.open("/admin/plm-health");
    await page.getByText("plm.admin").waitFor();
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByLabel("Token").fill("not a token");
    await page.getByRole("dialog").getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").getByText("This is not a token").waitFor();
    await page.getByLabel("Token").fill(await site.topology.token("admin"));
    await page.getByRole("dialog").getByRole("button", { name: "Sign in" }).click();
    await panel(page, "Mode").getByRole("button", { name: "Change mode" }).waitFor();
    await page.getByRole("button", { name: /admin/ }).click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByText("plm.admin").waitFor();
    expect(await panel(page, "Mode").count()).toBe(0);
    await page.close();
  });

  test("keeps every other panel when one fails", async () => {
    const page = await site.open("/");
    await page.route("**/graphql", async (route) =>
      route.request().postData()?.includes("ProjectWorkOrders")
        ? route.fulfill({ json: { errors: [{ message: "the catalogue is away" }] } })
        : route.continue(),
    );
    await page.goto(`${site.topology.urls.gateway}/projects/2`);
    await panel(page, "Work orders").getByRole("alert").getByText("the catalogue is away").waitFor();
    await waitFor(() => spentUsd(page), { what: "the gauge beside the failed panel" });
    await page.unroute("**/graphql");
    await panel(page, "Work orders").getByRole("button", { name: "Try again" }).click();
    await panel(page, "Work orders").getByRole("alert").waitFor({ state: "detached" });
    await page.close();
  });
});

interface Subscribe {
  type: string;
  id: string;
  payload: {
    query?: string;
    extensions?: { lastEventId?: string };
  };
}

interface Event {
  payload?: {
    data?: { budgetRunway?: { budget: { usdSpent: number; usdCommitted?: number } } };
    extensions?: { eventId?: string; gap?: boolean };
  };
}

async function startRun(site: Site, projectId: string): Promise<void> {
  const { startProject } = await site.ask(StartProjectDocument, {
    input: { projectId, runKind: "BASELINE", writeSandbox: false },
    idempotencyKey: randomUUID(),
  });
  expect(startProject.__typename).toBe("StartProjectSuccess");
}

async function runsOf(site: Site, id: string): Promise<number> {
  const { project } = await site.ask(ProjectDocument, { id });
  return project?.runs.edges.length ?? 0;
}
