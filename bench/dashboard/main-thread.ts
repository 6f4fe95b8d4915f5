import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Browser, Page, WebSocketRoute } from "../../tools/browser.ts";
import { buildDashboard } from "../../dashboard/build.ts";
import { readStandaloneConfig } from "../../standalone/config.ts";
import { startStack } from "../../standalone/stack.ts";
import { launchBrowser } from "../../test/browser/support/browser.ts";

/**
 * What the dashboard costs its reader: time to the first live value, and the CPU time of the main thread while a list of 1,000
 * projects changes 20 times a second. The gateway's answers are invented for the second, so that only the page
 * is measured. `node run.cjs bench/dashboard/main-thread.ts`, two minutes; prints JSON.
 */
const PROJECTS = 1_000;
const EVENTS_PER_SECOND = 20;
const SECONDS = 10;
const VISITS = 15;

const runwayOf = (version: number) => ({
  version: `${version}.${version}`,
  status: "WARNING",
  reason: null,
  minutesToDepletion: 30 - (version % 20),
  projectedCostUsd: 80,
  advice: {
    sentence:
      "It is 61 % likely to go over its budget of 100.00 USD, as the money ends 8 min before the work: raise the budget by 6.40 USD or pause the run.",
  },
  budget: { usdMax: 100, usdSpent: version % 100, burnPerMin: 1.5 },
});

const projects = {
  totalCount: PROJECTS,
  pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
  edges: Array.from({ length: PROJECTS }, (_, index) => ({
    node: {
      id: String(index),
      name: `Project ${index}`,
      status: "EXECUTING",
      budget: { usdMax: 100 },
      budgetRunway: runwayOf(0),
      products: [{ model: { id: "LX24", name: "LX24" } }],
    },
  })),
};

const data = {
  projects,
  projectSummary: {
    total: PROJECTS,
    running: PROJECTS,
    byStatus: [],
    critical: 0,
    warning: PROJECTS,
    usdSpent: 1,
    usdSpentToday: 1,
    firingAlerts: 0,
  },
  models: { totalCount: 0, pageInfo: projects.pageInfo, edges: [] },
};

/** Answers the list over HTTP and every subscription over the socket, `EVENTS_PER_SECOND` in all. */
async function inventGateway(
  page: Page,
): Promise<{ sent: () => number; followed: () => number; stop: () => void }> {
  const ids: string[] = [];
  const sockets: WebSocketRoute[] = [];
  const counter = { sent: 0 };
  await page.route("**/graphql", (route) => route.fulfill({ json: { data } }));
  await page.routeWebSocket(/graphql/, (socket) => {
    sockets.push(socket);
    socket.onMessage((text) => {
      const { type, id } = JSON.parse(String(text)) as { type: string; id: string };
      if (type === "connection_init") socket.send(JSON.stringify({ type: "connection_ack" }));
      if (type === "subscribe") ids.push(id);
      if (type === "complete") ids.splice(ids.indexOf(id), 1);
      if (type === "ping") socket.send(JSON.stringify({ type: "pong" }));
    });
  });
  const timer = setInterval(() => {
    const id = ids[counter.sent % Math.max(1, ids.length)];
    if (id === undefined) return;
    counter.sent += 1;
    const payload = { data: { budgetRunway: runwayOf(counter.sent) } };
    sockets.at(-1)?.send(JSON.stringify({ type: "next", id, payload }));
  }, 1000 / EVENTS_PER_SECOND);
  return { sent: () => counter.sent, followed: () => ids.length, stop: () => clearInterval(timer) };
}

/** CPU seconds that the page's main thread has worked so far. */
async function clockOf(page: Page): Promise<() => Promise<number>> {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  return async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    return metrics.find(({ name }) => name === "TaskDuration")?.value ?? 0;
  };
}

async function mainThread(browser: Browser, gateway: string) {
  const page = await browser.newPage();
  const invented = await inventGateway(page);
  await page.goto(gateway);
  await page.getByRole("row").nth(PROJECTS).waitFor();
  const busySeconds = await clockOf(page);
  await sleep(2_000);
  const [before, sentBefore] = [await busySeconds(), invented.sent()];
  await sleep(SECONDS * 1000);
  const [after, sentAfter] = [await busySeconds(), invented.sent()];
  invented.stop();
  const events = sentAfter - sentBefore;
  return {
    events,
    busyShare: (after - before) / SECONDS,
    busyMsPerEvent: ((after - before) * 1000) / events,
    followed: invented.followed(),
  };
}

/** One visit of somebody who was never here: milliseconds by the clock, and of the main thread alone. */
async function visit(browser: Browser, gateway: string): Promise<{ ms: number; cpuMs: number }> {
  const page = await (await browser.newContext()).newPage();
  const busySeconds = await clockOf(page);
  const start = performance.now();
  await page.goto(`${gateway}/projects/2`, { waitUntil: "commit" });
  await page.waitForSelector(".gauge");
  const ms = performance.now() - start;
  const cpuMs = (await busySeconds()) * 1000;
  await page.context().close();
  return { ms, cpuMs };
}

const medianOf = (values: number[]) => Math.round(values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0);

async function measure(gateway: string) {
  const browser = await launchBrowser();
  try {
    const visits: { ms: number; cpuMs: number }[] = [];
    for (let time = 0; time < VISITS; time += 1) visits.push(await visit(browser, gateway));
    return {
      firstVisitMs: Math.round(visits[0]?.ms ?? 0),
      firstLiveValueMs: medianOf(visits.map(({ ms }) => ms)),
      firstLiveValueCpuMs: medianOf(visits.map(({ cpuMs }) => cpuMs)),
      ...(await mainThread(browser, gateway)),
    };
  } finally {
    await browser.close();
  }
}

await buildDashboard();
const dataDir = mkdtempSync(join(tmpdir(), "dashboard-bench-"));
chmodSync(dataDir, 0o755);
const anyPort = { PORT: "0", PLMS_PORT: "0", CATALOG_PORT: "0", PAS_PORT: "0", PLM_PORT: "0" };
const stack = await startStack(readStandaloneConfig({ ...anyPort, DATA_DIR: dataDir, LOG_LEVEL: "silent" }));
try {
  process.stdout.write(`${JSON.stringify(await measure(stack.urls.gateway))}\n`);
} finally {
  await stack.close();
  rmSync(dataDir, { recursive: true, force: true });
}
