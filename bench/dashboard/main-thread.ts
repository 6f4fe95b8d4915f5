import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Browser, Page, WebSocketRoute } from "playwright-core";
import { buildDashboard } from "../../dashboard/build.ts";
import { readStandaloneConfig } from "../../standalone/config.ts";
import { startStack } from "../../standalone/stack.ts";
import { launchBrowser } from "../../test/browser/support/browser.ts";

/**
 * What the dashboard costs its reader: time to the first live value, and the CPU time of the main thread while 50 projects
 * on one screen change 20 times a second. The gateway's answers are invented for the second, so that only the page
 * is measured. `node bench/dashboard/main-thread.ts`, half a minute; prints JSON.
 */
const PROJECTS = 50;
const EVENTS_PER_SECOND = 20;
const SECONDS = 10;
const VISITS = 7;

const runwayOf = (version: number) => ({
  version: String(version),
  status: "WARNING",
  reason: null,
  minutesToDepletion: 30 - (version % 20),
  projectedCostUsd: 80,
  budget: { usdMax: 100, usdSpent: version % 100, burnPerMin: 1.5 },
});

const projects = {
  totalCount: PROJECTS,
  pageInfo: { hasNextPage: false, endCursor: null },
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

/** Answers the list over HTTP and every subscription over the socket, `EVENTS_PER_SECOND` in all. */
async function inventGateway(page: Page): Promise<{ sent: () => number; stop: () => void }> {
  const ids: string[] = [];
  const sockets: WebSocketRoute[] = [];
  const counter = { sent: 0 };
  await page.route("**/graphql", (route) => route.fulfill({ json: { data: { projects } } }));
  await page.routeWebSocket(/graphql/, (socket) => {
    sockets.push(socket);
    socket.onMessage((text) => {
      const { type, id } = JSON.parse(String(text)) as { type: string; id: string };
      if (type === "connection_init") socket.send(JSON.stringify({ type: "connection_ack" }));
      if (type === "subscribe") ids.push(id);
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
  return { sent: () => counter.sent, stop: () => clearInterval(timer) };
}

async function mainThread(browser: Browser, gateway: string) {
  const page = await browser.newPage();
  const invented = await inventGateway(page);
  await page.goto(gateway);
  await page.getByRole("row").nth(PROJECTS).waitFor();
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const busySeconds = async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    return metrics.find(({ name }) => name === "TaskDuration")?.value ?? 0;
  };
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
  };
}

async function firstLiveValueMs(browser: Browser, gateway: string): Promise<number[]> {
  const taken: number[] = [];
  for (let time = 0; time < VISITS; time += 1) {
    const page = await (await browser.newContext()).newPage();
    const start = performance.now();
    await page.goto(`${gateway}/projects/2`, { waitUntil: "commit" });
    await page.getByRole("region", { name: "Budget runway" }).getByRole("img").waitFor();
    taken.push(Math.round(performance.now() - start));
    await page.context().close();
  }
  return taken.sort((a, b) => a - b);
}

async function measure(gateway: string) {
  const browser = await launchBrowser();
  try {
    const first = await firstLiveValueMs(browser, gateway);
    const firstLive = { median: first[Math.floor(VISITS / 2)], worst: first.at(-1) };
    return { firstLiveValueMs: firstLive, ...(await mainThread(browser, gateway)) };
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
