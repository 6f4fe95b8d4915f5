import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { Client } from "pg";
import { insertRun, postWebhook, startPlmsOf, type RunningPlms } from "./plms-of-checkout.ts";

/**
 * How many receipts the webhook takes in per second of CPU, of the PLMS process and of the PostgreSQL backends that work
 * for it: `node run.cjs bench/plms/intake.ts --side before=../other-checkout --side now=.` Every side gets a
 * database of its own on the server of DATABASE_URL, which has to be on this machine, and turns alternate.
 */
const { values } = parseArgs({
  options: {
    side: { type: "string", multiple: true, default: ["now=."] },
    /** Receipts in a message, by comma, each with the number of messages in a turn. */
    batches: { type: "string", default: "1x600,10x300,100x100,1000x10" },
    turns: { type: "string", default: "3" },
    runs: { type: "string", default: "20" },
  },
});
const RUNS = Number(values.runs);
const RUN = { lanes: [5100, 4200], tasks: 200, budgetUsd: 1_000_000, estimatedUsd: 0.1 };
const CONCURRENCY = 8;
const TICKS_PER_SECOND = 100;
const SAMPLING_MS = 100;

interface Side extends RunningPlms {
  /** Ticks of every backend that was seen, by its process id: a pool closes connections that idle. */
  backends: Map<number, number>;
  sampling: NodeJS.Timeout;
  runs: { executorRunId: string; taskIds: string[] }[];
  turns: {
    batch: number;
    receipts: number;
    nodeS: number;
    nodeUserS: number;
    postgresS: number;
    wallS: number;
  }[];
}

const batches = values.batches.split(",").map((text) => {
  const [size = 1, messages = 1] = text.split("x").map(Number);
  return { size, messages };
});
const sides: Side[] = [];
let receipts = 0;
try {
  for (const side of values.side) sides.push(await open(side));
  // The first turn warms both up: it is not counted.
  for (let turn = 0; turn <= Number(values.turns); turn += 1) {
    for (const batch of batches)
      for (const side of sides) await measure(side, { ...batch, isCounted: turn > 0 });
  }
  report();
} finally {
  for (const side of sides) await close(side);
}

async function open(given: string): Promise<Side> {
  const env = { NODE_ENV: "production", NODE_COMPILE_CACHE: "", OUTBOUND_ALLOW_PRIVATE: "true" };
  const plms = await startPlmsOf(given, { purpose: "intake", env });
  const runs: Side["runs"] = [];
  for (let nth = 0; nth < RUNS; nth += 1)
    runs.push(await insertRun(plms.admin, { ...RUN, executorRunId: `intake-${nth}` }));
  const backends = new Map<number, number>();
  const sampling = setInterval(
    () => void sampleBackends(plms.admin, backends).catch(() => undefined),
    SAMPLING_MS,
  );
  return { ...plms, runs, backends, sampling, turns: [] };
}

async function close({ sampling, close: end }: Side): Promise<void> {
  clearInterval(sampling);
  await end();
}

async function measure(
  side: Side,
  { size, messages, isCounted }: { size: number; messages: number; isCounted: boolean },
): Promise<void> {
  const bodies = Array.from({ length: messages }, (_, index) => messageOf(side, size, index));
  const before = await cpuOf(side);
  const startMs = performance.now();
  await Promise.all(
    Array.from({ length: CONCURRENCY }, async () => {
      for (let body = bodies.pop(); body !== undefined; body = bodies.pop()) await post(side, body);
    }),
  );
  const wallS = (performance.now() - startMs) / 1000;
  const after = await cpuOf(side);
  if (!isCounted) return;
  side.turns.push({
    batch: size,
    receipts: size * messages,
    nodeS: after.nodeS - before.nodeS,
    nodeUserS: after.nodeUserS - before.nodeUserS,
    postgresS: after.postgresS - before.postgresS,
    wallS,
  });
}

function messageOf(side: Side, size: number, index: number): string {
  const run = side.runs[index % side.runs.length]!;
  const occurred_at = new Date().toISOString();
  return JSON.stringify({
    run_id: run.executorRunId,
    receipts: Array.from({ length: size }, () => {
      receipts += 1;
      return {
        receipt_id: `r-${receipts}`,
        task_id: run.taskIds[receipts % run.taskIds.length],
        lane_id: receipts % 2 === 0 ? 4200 : 5100,
        provider: "gpt-4",
        tokens: 900 + (receipts % 100),
        duration_ms: 1234.5,
        cost_usd: 0.0123,
        echo_cos: 0.9,
        status: receipts % 10 === 0 ? "failed" : "succeeded",
        occurred_at,
      };
    }),
  });
}

async function post({ url, name }: Side, body: string): Promise<void> {
  const answer = await postWebhook(`${url}/webhooks/pas/receipts`, randomUUID(), body);
  const text = await answer.text();
  if (answer.status !== 202) throw new Error(`${name}: ${answer.status} ${text}`);
}

/** Seconds of CPU that were used so far. */
async function cpuOf({ child, admin, backends }: Side) {
  await sampleBackends(admin, backends);
  const node = ticksOf(child.pid!);
  return {
    nodeUserS: node.user / TICKS_PER_SECOND,
    nodeS: (node.user + node.system) / TICKS_PER_SECOND,
    postgresS: [...backends.values()].reduce((sum, ticks) => sum + ticks, 0) / TICKS_PER_SECOND,
  };
}

async function sampleBackends(admin: Client, backends: Map<number, number>): Promise<void> {
  const { rows } = await admin.query<{ pid: number }>(
    `select pid from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`,
  );
  for (const { pid } of rows) {
    const ticks = ticksOf(pid);
    backends.set(pid, Math.max(backends.get(pid) ?? 0, ticks.user + ticks.system));
  }
}

function ticksOf(pid: number): { user: number; system: number } {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
    return { user: Number(fields[11]), system: Number(fields[12]) };
  } catch {
    return { user: 0, system: 0 };
  }
}

function report(): void {
  const perSecond: Record<string, Record<number, number>> = {};
  for (const { name, turns } of sides) {
    for (const { size } of batches) {
      const ofBatch = turns.filter(({ batch }) => batch === size);
      const sum = (key: "receipts" | "nodeUserS" | "nodeS" | "postgresS" | "wallS") =>
        ofBatch.reduce((total, turn) => total + turn[key], 0);
      const taken = sum("receipts") / (sum("nodeUserS") + sum("postgresS"));
      (perSecond[name] ??= {})[size] = taken;
      const figures = {
        side: name,
        receiptsPerMessage: size,
        receipts: sum("receipts"),
        nodeUserS: Number(sum("nodeUserS").toFixed(2)),
        nodeS: Number(sum("nodeS").toFixed(2)),
        postgresS: Number(sum("postgresS").toFixed(2)),
        wallS: Number(sum("wallS").toFixed(2)),
        receiptsPerCpuSecond: Math.round(taken),
      };
      process.stdout.write(`${JSON.stringify(figures)}\n`);
    }
  }
  const [first, ...others] = sides;
  for (const { name } of others) {
    const ratios = batches.map(({ size }) => {
      const ratio = (perSecond[name]?.[size] ?? 0) / (perSecond[first!.name]?.[size] ?? 1);
      return `${size} a message: ${ratio.toFixed(2)}`;
    });
    process.stdout.write(`${name} / ${first!.name}: ${ratios.join(", ")}\n`);
  }
}
