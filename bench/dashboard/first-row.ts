import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildDashboard } from "../../dashboard/build.ts";
import { createDatabase } from "../../db/client.ts";
import { createLog } from "../../lib/log.ts";
import { readStandaloneConfig } from "../../standalone/config.ts";
import { startStack } from "../../standalone/stack.ts";
import { launchBrowser } from "../../test/browser/support/browser.ts";
import { insertManyProjects } from "../../test/plms/many-projects.ts";

/**
 * How long a visitor waits for the first row of the list, with the six projects of the demo and with 10,000 more. On a
 * database of its own: `DATABASE_URL=… node bench/dashboard/first-row.ts`, a minute; prints JSON.
 */
const MANY = 10_000;
const VISITS = 15;

const medianOf = (values: number[]) => Math.round(values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0);

async function firstRowMs(gateway: string): Promise<number> {
  const browser = await launchBrowser();
  const times: number[] = [];
  for (let time = 0; time < VISITS; time += 1) {
    const page = await (await browser.newContext()).newPage();
    const start = performance.now();
    await page.goto(gateway, { waitUntil: "commit" });
    await page.waitForSelector("tbody tr");
    times.push(performance.now() - start);
    await page.context().close();
  }
  await browser.close();
  return medianOf(times);
}

await buildDashboard();
const url = process.env["DATABASE_URL"];
if (url === undefined) throw new Error("DATABASE_URL has to name an empty database");
const dataDir = mkdtempSync(join(tmpdir(), "dashboard-bench-"));
chmodSync(dataDir, 0o755);
const anyPort = { PORT: "0", PLMS_PORT: "0", CATALOG_PORT: "0", PAS_PORT: "0", PLM_PORT: "0" };
const stack = await startStack(
  readStandaloneConfig({
    ...anyPort,
    DATABASE_URL: url,
    DATA_DIR: dataDir,
    LOG_LEVEL: "silent",
    RECONCILE_SECONDS: "3600",
  }),
);
const connection = createDatabase({ url, log: createLog({ name: "bench", level: "silent" }) });
try {
  const few = await firstRowMs(stack.urls.gateway);
  await insertManyProjects(connection.db, { count: MANY });
  const many = await firstRowMs(stack.urls.gateway);
  process.stdout.write(
    `${JSON.stringify({ firstRowMsAt6: few, firstRowMsAt10006: many, ratio: many / few })}\n`,
  );
} finally {
  await connection.close();
  await stack.close();
  rmSync(dataDir, { recursive: true, force: true });
}
