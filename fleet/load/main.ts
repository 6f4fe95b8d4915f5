import { percentiles } from "../drill/support/figures.ts";
import { startDrillDatabase } from "../drill/support/database.ts";
import { own } from "../drill/support/own.ts";
import { createProjects } from "../drill/support/traffic.ts";
import { startFleet } from "../fleet.ts";
import { unlessAborted } from "../../lib/deadline.ts";
import { integerFlag, readCommandLine } from "../../lib/command-line.ts";
import { runCommand } from "../../lib/process.ts";
import { OPERATIONS, runLoad, type LoadResult } from "./run-load.ts";

/** Milliseconds at the median, P95 and P99 that the product promises. */
const PROMISED: Readonly<Record<(typeof OPERATIONS)[number], readonly [number, number, number]>> = {
  start: [50, 150, 300],
  simulate: [200, 500, 1000],
  metrics: [20, 50, 100],
  portfolio: [10, 30, 50],
};
const LIMITS = { projects: 1_000, sockets: 5_000, seconds: 3_600, think: 60_000 };
const USAGE = `npm run load -- [--projects N] [--sockets N] [--seconds N] [--think MS]

Starts everything on a database of its own, lets N projects ask while N sockets listen, and prints the latencies beside
those that are promised. By default 100 projects, 500 sockets, 30 seconds, 1000 ms between the calls of a project.`;
const print = (line: string) => process.stdout.write(`${line}\n`);

await runCommand(async (interrupted) => {
  const { values } = readCommandLine(USAGE, {
    options: {
      projects: { type: "string", default: "100" },
      sockets: { type: "string", default: "500" },
      seconds: { type: "string", default: "30" },
      think: { type: "string", default: "1000" },
    },
  });
  const number = (name: keyof typeof LIMITS) =>
    integerFlag(name, values[name], { min: name === "sockets" ? 0 : 1, max: LIMITS[name] });
  const size = { projects: number("projects"), sockets: number("sockets"), seconds: number("seconds") };
  const running = new AsyncDisposableStack();
  try {
    await unlessAborted(interrupted, () => load({ ...size, thinkMs: number("think") }, running));
  } finally {
    await running.disposeAsync();
  }
});

interface Size {
  projects: number;
  sockets: number;
  seconds: number;
  thinkMs: number;
}

async function load(size: Size, running: AsyncDisposableStack): Promise<void> {
  const defer = (action: () => Promise<unknown> | void) =>
    running.defer(async () => {
      await action();
    });
  const database = await startDrillDatabase(defer);
  const fleet = await own(
    defer,
    () => startFleet({ databaseUrl: database.url }),
    (started) => started.close(),
  );
  const client = await fleet.admin();
  print(
    `${size.projects} projects, ${size.sockets} sockets, ${size.seconds} s, ${size.thinkMs} ms between calls of a project`,
  );
  const projectIds = await createProjects(client, { count: size.projects });
  const gatewayUrls = fleet.gateways.map(({ url }) => url);
  const result = await runLoad({
    ...size,
    clients: [client],
    gatewayUrls,
    token: await fleet.token("admin"),
    projectIds,
  });
  if (!tell(result, size.projects)) process.exitCode = 1;
}

/** Prints the table; true when nothing failed. Slow answers are shown, not failed: machines differ. */
function tell(result: LoadResult, projects: number): boolean {
  print("operation    answers   P50 (promised)   P95 (promised)   P99 (promised)");
  for (const operation of OPERATIONS) {
    const values = result.latencyMs[operation];
    const { p50, p95, p99 } = percentiles(values);
    const cells = [p50, p95, p99].map((value, index) => {
      const promised = PROMISED[operation][index] ?? 0;
      return `${value.toFixed(1)} (${promised})${value > promised ? " !" : ""}`.padEnd(17);
    });
    print(`${operation.padEnd(12)} ${String(values.length).padEnd(9)} ${cells.join("")}`);
  }
  print(`events over sockets: ${result.events}, problems: ${result.socketProblems.length}`);
  print(`runs acknowledged: ${result.runs.size} of ${projects}`);
  for (const [message, count] of result.failures) print(`failed ${count} times: ${message}`);
  return result.failures.size === 0 && result.socketProblems.length === 0 && result.runs.size === projects;
}
