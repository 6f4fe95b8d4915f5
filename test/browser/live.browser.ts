import { randomUUID } from "node:crypto";
import { print } from "graphql";
import type { Page, WebSocketRoute } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { StartProjectDocument } from "../../schema/generated/documents.ts";
import { waitFor } from "../support/wait.ts";
import { panel, startSite, type Site } from "./support/site.ts";

const LONG = { timeoutMs: 30_000 };

describe("the dashboard, live", () => {
  let site: Site;
  beforeAll(async () => {
    site = await startSite();
  });
  afterAll(() => site?.close());

  const spentUsd = async (page: Page) => {
    const label = await panel(page, "Budget runway").getByRole("img").getAttribute("aria-label");
    return Number(/Spent \$([\d.]+)/.exec(label ?? "")?.[1]);
  };

  it("starts one run however often Start is pressed, and the gauge moves", async () => {
    const page = await site.open("/projects/2", { role: "supervisor" });
    await page.getByRole("button", { name: "Start", exact: true }).dblclick();
    const before = await waitFor(() => spentUsd(page), { ...LONG, what: "the first charge" });
    await waitFor(async () => (await spentUsd(page)) > before, { ...LONG, what: "the gauge to move" });
    await panel(page, "Receipts").getByRole("row").nth(1).waitFor();
    expect(await runsOf(site, "2")).toBe(1);
    await page.context().close();
  });

  it("pauses and resumes the run", async () => {
    const page = await site.open("/projects/2", { role: "supervisor" });
    await page.getByRole("button", { name: "Pause" }).click();
    await panel(page, "Run").locator("header").getByText("paused").waitFor();
    await page.getByRole("button", { name: "Resume" }).click();
    await panel(page, "Run").locator("header").getByText("executing").waitFor();
    expect(await page.getByRole("button", { name: "Pause" }).isEnabled()).toBe(true);
    await page.context().close();
  });

  it("shows the circuit opening when the PLM dies, and closing when it is back", async () => {
    const page = await site.open("/gateway");
    const circuit = panel(page, "Circuit to the PLM");
    const state = (name: RegExp) => circuit.locator("header").getByText(name);
    await state(/^\W*closed$/).waitFor();
    await faults(site, [{ path: "/plm/*", mode: "down" }]);
    await state(/^\W*open$/).waitFor({ timeout: 30_000 });
    await faults(site, []);
    await state(/^\W*closed$/).waitFor({ timeout: 45_000 });
    expect(await circuit.getByRole("listitem").first().textContent()).toContain("half open → closed");
    await page.context().close();
  });

  it("goes on after a cut where it was, and says so while it lasts", async () => {
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
    await waitFor(() => spentUsd(page), { ...LONG, what: "the gauge" });
    const first = asked.length;
    const before = await spentUsd(page);
    await sockets[0]?.close({ code: 4000 });
    await page.getByTestId("connection").getByText("reconnecting").waitFor();
    await page.getByTestId("connection").getByText("live").waitFor();
    await waitFor(async () => (await spentUsd(page)) > before, { ...LONG, what: "new values" });
    const again = asked.slice(first).map(({ payload }) => payload.extensions?.lastEventId);
    expect(again.length).toBeGreaterThan(0);
    expect(again.filter((id) => id === undefined)).toEqual([]);
    await page.context().close();
  });

  it("follows the person: sign in, sign out, without a reload", async () => {
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
    await page.context().close();
  });

  it("keeps every other panel when one fails", async () => {
    const page = await site.open("/");
    await page.route("**/graphql", async (route) =>
      route.request().postData()?.includes("ProjectWorkOrders")
        ? route.fulfill({ json: { errors: [{ message: "the catalogue is away" }] } })
        : route.continue(),
    );
    await page.goto(`${site.topology.urls.gateway}/projects/2`);
    await panel(page, "Work orders").getByRole("alert").getByText("the catalogue is away").waitFor();
    await waitFor(() => spentUsd(page), { ...LONG, what: "the gauge beside the failed panel" });
    await page.unroute("**/graphql");
    await panel(page, "Work orders").getByRole("button", { name: "Try again" }).click();
    await panel(page, "Work orders").getByRole("alert").waitFor({ state: "detached" });
    await page.context().close();
  });
});

interface Subscribe {
  type: string;
  payload: { extensions?: { lastEventId?: string } };
}

const faults = (site: Site, rules: object[]) =>
  fetch(`${site.topology.urls.plm}/_faults`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ rules }),
  });

async function startRun(site: Site, projectId: string): Promise<void> {
  const response = await fetch(`${site.topology.urls.gateway}/graphql`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      authorization: `Bearer ${await site.topology.token("supervisor")}`,
    },
    body: JSON.stringify({
      query: print(StartProjectDocument),
      variables: {
        input: { projectId, runKind: "BASELINE", writeSandbox: false },
        idempotencyKey: randomUUID(),
      },
    }),
  });
  expect(await response.text()).toContain("StartProjectSuccess");
}

async function runsOf(site: Site, projectId: string): Promise<number> {
  const response = await fetch(`${site.topology.urls.gateway}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: `{ project(id: "${projectId}") { runs { totalCount } } }` }),
  });
  const { data } = (await response.json()) as { data: { project: { runs: { totalCount: number } } } };
  return data.project.runs.totalCount;
}
