import { sql } from "kysely";
import type { Member } from "../member.ts";
import { OPERATIONS, runLoad } from "../load/run-load.ts";
import type { Drill, DrillContext } from "./support/drill.ts";
import { summary } from "./support/figures.ts";
import { startSystem } from "./support/system.ts";
import { createProjects } from "./support/traffic.ts";

/** `DRILL_SOAK_SECONDS=3600` for the whole hour. */
const DEFAULT_SECONDS = 300;
const QUICK_SECONDS = 10;
/** Growth between the second and the last quarter that counts as flat: collectors are lazy. */
const FLAT_SHARE = 1.25;

/** The load that the product is made for, bounded, with an eye on memory. */
export const soak: Drill = {
  name: "soak",
  promise:
    "100 concurrent projects and 2,000 sockets lose nothing, start nothing twice, and memory stays flat",
  run: async (context) => {
    const { quick, report } = context;
    const [projects, sockets] = quick ? [10, 100] : [100, 2_000];
    const seconds = quick ? QUICK_SECONDS : Number(process.env["DRILL_SOAK_SECONDS"] ?? DEFAULT_SECONDS);
    const { fleet, client, database } = await startSystem(context, { env: { mocks: { PAS_SPEED: "30" } } });
    const projectIds = await createProjects(client, { count: projects, tasks: 20 });
    const memory = new Map<Member, number[]>();
    const result = await runLoad({
      clients: [client],
      gatewayUrls: fleet.gateways.map(({ url }) => url),
      token: await fleet.token("admin"),
      projectIds,
      sockets,
      seconds,
      thinkMs: 1_000,
      onTick: async () => {
        for (const member of fleet.members)
          memory.set(member, [...(memory.get(member) ?? []), await member.memoryMiB()]);
      },
    });
    report.did(`${projects} projects, ${sockets} sockets, ${seconds} s: ${result.events} events`);
    for (const operation of OPERATIONS)
      report.figure(`milliseconds of ${operation}`, summary(result.latencyMs[operation]));
    const failures = [...result.failures].map(([message, count]) => `${count} × ${message}`);
    report.check("no call failed", failures.length === 0, failures.slice(0, 3).join(" | ") || undefined);
    report.check("no socket had a problem", result.socketProblems.length === 0, result.socketProblems[0]);
    const { rows } = await sql<{ runs: string }>`
      select count(*) as runs from plms.project_runs where created_by = 'local-admin'`.execute(database.db);
    report.check(
      "every project was started once",
      rows[0]?.runs === String(projects) && result.runs.size === projects,
    );
    if (!quick) checkMemory(memory, report);
  },
};

function checkMemory(memory: ReadonlyMap<Member, number[]>, report: DrillContext["report"]): void {
  for (const [{ name }, values] of memory) {
    const quarter = Math.floor(values.length / 4);
    const [early, late] = [mean(values.slice(quarter, 2 * quarter)), mean(values.slice(-quarter))];
    report.check(
      `memory of ${name} is flat`,
      late <= early * FLAT_SHARE,
      `${Math.round(early)} MiB in the second quarter, ${Math.round(late)} MiB in the last`,
    );
  }
}

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
