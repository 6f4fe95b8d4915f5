import { resolve } from "node:path";
import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import { setTimeout } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type * as client from "../../db/client.ts";
import type * as migrate from "../../db/migrate.ts";
import type * as notify from "../../db/hints.ts";
import type * as seed from "../../db/seed/seed.ts";
import type * as clock from "../../lib/clock.ts";
import type * as logging from "../../lib/log.ts";
import type * as configuration from "../../subgraphs/catalog/config.ts";
import type * as server from "../../subgraphs/catalog/server.ts";

/**
 * One build's catalogue as a process of its own, told by `process.send`: `node size-process.ts ROOT DATABASE_URL`. It
 * answers every message with what happened since the one before it.
 */
export interface Since {
  /** Of all threads. */
  cpuMs: number;
  /** The longest that the main thread computed without looking after anything else. */
  holdMs: number;
  /** The longest delay of a timer, with whatever else the machine did meanwhile. */
  delayMs: number;
  /** Resident, after a collection when the message asks for one. */
  rssMb: number;
  heapMb: number;
}

export type Message = "since" | "collect";

const [root = ".", url = ""] = process.argv.slice(2);
const of = <T>(file: string) => import(pathToFileURL(resolve(root, file)).href) as Promise<T>;
const [{ createDatabase }, { migrateUp }, { seedDemo }, { createHints }, { createLog }, { systemClock }] =
  await Promise.all([
    of<typeof client>("db/client.ts"),
    of<typeof migrate>("db/migrate.ts"),
    // Where it stood in the build of 3957ab0.
    of<typeof seed>("db/seed/seed.ts").catch(() => of<typeof seed>("db/seed.ts")),
    of<typeof notify>("db/hints.ts"),
    of<typeof logging>("lib/log.ts"),
    of<typeof clock>("lib/clock.ts"),
  ]);
const { readCatalogConfig } = await of<typeof configuration>("subgraphs/catalog/config.ts");
const { createCatalogSubgraph } = await of<typeof server>("subgraphs/catalog/server.ts");

const log = createLog({ name: "bench", level: process.env["LOG_LEVEL"] ?? "silent" });
const { db } = createDatabase({ url, log });
await migrateUp(db);
const { rows } = await db
  .selectFrom("catalog.departments")
  .select("id")
  .execute()
  .then((found) => ({ rows: found }));
if (rows.length === 0) await seedDemo(db);
const notifications = createHints({ databaseUrl: url, log });
const subgraph = await createCatalogSubgraph(readCatalogConfig({ ...process.env, DATABASE_URL: url }), {
  db,
  notifications,
  clock: systemClock,
  log,
});
const address = await subgraph.listen();

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as (how: object) => void;
/** What is freed is given back to the machine a moment later. */
const GIVEN_BACK_MS = 500;
const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
let cpu = process.cpuUsage();
let held = process.threadCpuUsage();
let holdMs = 0;
const milliseconds = ({ user, system }: NodeJS.CpuUsage) => (user + system) / 1000;
// What the thread computed between two turns of the timer is a hold, up to 5 ms longer than it was; a timer of 1 ms would
// itself cost more than an order.
setInterval(() => {
  holdMs = Math.max(holdMs, milliseconds(process.threadCpuUsage(held)));
  held = process.threadCpuUsage();
}, 5);

process.on("message", (message: Message) => void tell(message));

async function tell(message: Message): Promise<void> {
  holdMs = Math.max(holdMs, milliseconds(process.threadCpuUsage(held)));
  const since = { cpuMs: milliseconds(process.cpuUsage(cpu)), holdMs, delayMs: delay.max / 1e6 };
  if (message === "collect") {
    for (let times = 0; times < 3; times += 1)
      collect({ type: "major", execution: "sync", flavor: "last-resort" });
    await setTimeout(GIVEN_BACK_MS);
  }
  const { rss, heapUsed } = process.memoryUsage();
  const answer: Since = { ...since, rssMb: rss / 1_048_576, heapMb: heapUsed / 1_048_576 };
  process.send?.(answer);
  delay.reset();
  holdMs = 0;
  cpu = process.cpuUsage();
  held = process.threadCpuUsage();
}
process.on("disconnect", () => process.exit());
process.send?.({ address, startedMs: performance.now() });
