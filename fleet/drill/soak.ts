import { sql } from "kysely";
import { readdir } from "node:fs/promises";
import type { Member } from "../member.ts";
import { OPERATIONS, runLoad } from "../load/run-load.ts";
import type { Drill, DrillContext } from "./support/drill.ts";
import { summary } from "./support/figures.ts";
import { startSystem } from "./support/system.ts";
import { createProjects } from "./support/traffic.ts";

/** `DRILL_SOAK_SECONDS=3600` for the whole hour. */
const DEFAULT_SECONDS = 300;
const QUICK_SECONDS = 10;
/** What is read in the first third is that of a process that still warms up. */
const WARM_UP_SHARE = 1 / 3;
/** Growth within an hour that counts as flat, of the middle of what is held. */
const FLAT_SHARE_PER_HOUR = 0.1;

/** The load that the product is made for, bounded, with an eye on memory. */
export const soak: Drill = {
  name: "soak",
  promise:
    "100 concurrent projects and 2,000 sockets lose nothing, start nothing twice, and memory and handles stay flat",
  run: async (context) => {
    const { quick, report } = context;
    const [projects, sockets] = quick ? [10, 100] : [100, 2_000];
    const seconds = quick ? QUICK_SECONDS : Number(process.env["DRILL_SOAK_SECONDS"] ?? DEFAULT_SECONDS);
    const { fleet, client, database } = await startSystem(context, { env: { mocks: { PAS_SPEED: "30" } } });
    const projectIds = await createProjects(client, { count: projects, tasks: 20 });
    const held = new Map<Member, Reading[]>();
    const result = await runLoad({
      clients: [client],
      gatewayUrls: fleet.gateways.map(({ url }) => url),
      token: await fleet.token("admin"),
      projectIds,
      sockets,
      seconds,
      thinkMs: 1_000,
      onTick: async (atSeconds) => {
        for (const member of fleet.members)
          held.set(member, [...(held.get(member) ?? []), { atSeconds, ...(await readingOf(member)) }]);
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
    if (!quick) checkFlat(held, report);
  },
};

interface Reading {
  atSeconds: number;
  /** Resident memory. */
  mebibytes: number;
  /** Open files and sockets. */
  handles: number;
}

async function readingOf(member: Member): Promise<Omit<Reading, "atSeconds">> {
  const handles = await readdir(`/proc/${member.pid()}/fd`).catch(() => []);
  return { mebibytes: await member.memoryMiB(), handles: handles.length };
}

/**
 * Whether what is held grows: by the slope of the line through the readings after the warm-up, which one collection of
 * garbage more or less changes little, and which an hour or eight minutes give alike.
 */
function checkFlat(held: ReadonlyMap<Member, readonly Reading[]>, report: DrillContext["report"]): void {
  for (const [{ name }, all] of held) {
    const readings = all.slice(Math.floor(all.length * WARM_UP_SHARE));
    for (const what of ["mebibytes", "handles"] as const) {
      const points = readings.map((reading): [number, number] => [reading.atSeconds / 3_600, reading[what]]);
      const middle = mean(points.map(([, value]) => value));
      const { perHour, errorPerHour } = slopeOf(points);
      report.check(
        `${what} of ${name} are flat`,
        perHour - 2 * errorPerHour <= middle * FLAT_SHARE_PER_HOUR,
        `${Math.round(middle)} in the middle, ${perHour.toFixed(1)} ± ${(2 * errorPerHour).toFixed(1)} an hour`,
      );
    }
  }
}

/** Of the line of least squares, with its standard error. */
export function slopeOf(points: readonly (readonly [hours: number, value: number])[]): {
  perHour: number;
  errorPerHour: number;
} {
  const [x, y] = [mean(points.map(([hours]) => hours)), mean(points.map(([, value]) => value))];
  const spread = points.reduce((sum, [hours]) => sum + (hours - x) ** 2, 0);
  const perHour = points.reduce((sum, [hours, value]) => sum + (hours - x) * (value - y), 0) / (spread || 1);
  const residual = points.reduce((sum, [hours, value]) => sum + (value - y - perHour * (hours - x)) ** 2, 0);
  const errorPerHour = Math.sqrt(residual / Math.max(1, points.length - 2) / (spread || 1));
  return { perHour, errorPerHour };
}

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
