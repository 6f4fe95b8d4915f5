import { setTimeout as pause } from "node:timers/promises";
import { Pool } from "undici";
import { option, say } from "../engine/command-line.ts";
import type { Launch, Running } from "../engine/fleet.ts";
import { OPERATIONS } from "../engine/graph.ts";
import { headersOf, onStage, setUpProjects } from "../engine/stage.ts";

/**
 * `node run.cjs bench/hardening/planning-flood.ts [--base CHECKOUT] [--documents N] [--rounds N]`: how long other callers and
 * `/livez` wait while one caller sends thousands of new documents at once, beside what they wait before. The documents
 * are of several kinds: small ones, ones that need both subgraphs, and ones as large as the limits allow.
 */
const base = option("base");
const DOCUMENTS = Number(option("documents") ?? 5_000);
const ROUNDS = Number(option("rounds") ?? 1);
const IDLE_MS = 4_000;
const PAUSE_MS = 10;
const OTHERS = 4;
const CONNECTIONS = 256;

const KINDS: Record<string, (n: number) => string> = {
  small: (n) => OPERATIONS.small.replace("Small", `Small${n}`),
  large: (n) => OPERATIONS.large.replace("Large", `Large${n}`),
  // As many fields as may be, and all of them have to be compared.
  long: (n) => `query Long${n}($id: ID!) { project(id: $id) { ${"id name status budget ".repeat(200)} } }`,
};
const LAUNCHES: Record<string, Launch> = {
  ours: { file: "ours" },
  ...(base !== undefined && { base: { file: "ours", checkout: base } }),
};

await onStage(async (stage) => {
  const { setting } = await setUpProjects(stage);
  const gateways = await stage.startAll(LAUNCHES, () => setting);
  const kinds = Object.keys(KINDS).filter((kind) => (option("kind") ?? kind) === kind);
  for (let round = 0; round < ROUNDS; round++)
    for (const kind of kinds)
      for (const [name, gateway] of gateways) say(`${kind} ${name}: ${await flood(gateway, kind, round)}`);
});

/** Waits in milliseconds, of others and of `/livez`. */
interface Waits {
  others: number[];
  livez: number[];
}

async function flood(gateway: Running, kind: string, round: number): Promise<string> {
  const known = JSON.stringify({ query: OPERATIONS.small, variables: { id: "p1" } });
  const others = await Promise.all(Array.from({ length: OTHERS }, (_, n) => headersOf(`other ${n}`)));
  const watching = watch(gateway, known, others);
  await pause(IDLE_MS);
  const idle = watching.take();
  await gateway.usage();
  const startedMs = performance.now();
  const statuses = await sendAll(gateway, (n) => KINDS[kind]?.(round * DOCUMENTS + n) ?? "");
  const tookMs = performance.now() - startedMs;
  const { loopDelayP99Ms } = await gateway.usage();
  const flooded = watching.take();
  await watching.stop();
  const told = ({ others: waits, livez }: Waits) =>
    `others p99 ${percentile(waits)} (${waits.length}), livez p99 ${percentile(livez)} max ${Math.round(Math.max(...livez))}`;
  return [
    `idle: ${told(idle)}`,
    `flooded: ${told(flooded)}, loop delay p99 ${Math.round(loopDelayP99Ms)}`,
    `${DOCUMENTS} documents in ${Math.round(tookMs)} ms: ${JSON.stringify(statuses)}`,
  ].join("; ");
}

/** Others ask for what is known, and a prober for `/livez`, all the time. */
function watch(gateway: Running, body: string, callers: readonly Record<string, string>[]) {
  const { origin } = new URL(gateway.url);
  const pool = new Pool(origin, { connections: callers.length + 1 });
  let waits: Waits = { others: [], livez: [] };
  const ending = new AbortController();
  const timed = async (into: keyof Waits, request: Parameters<Pool["request"]>[0]) => {
    while (!ending.signal.aborted) {
      const current = waits;
      const startedMs = performance.now();
      const response = await pool.request(request);
      await response.body.dump();
      if (response.statusCode !== 200) throw new Error(`${request.path} answered ${response.statusCode}`);
      current[into].push(performance.now() - startedMs);
      await pause(PAUSE_MS);
    }
  };
  const type = { "content-type": "application/json" };
  const all = callers.map((headers) =>
    timed("others", { method: "POST", path: "/graphql", headers: { ...type, ...headers }, body }),
  );
  all.push(timed("livez", { method: "GET", path: "/livez" }));
  return {
    take: (): Waits => {
      const taken = waits;
      waits = { others: [], livez: [] };
      return taken;
    },
    stop: async () => {
      ending.abort();
      await Promise.all(all);
      await pool.close();
    },
  };
}

/** All at once, as far as connections go; how many got which status. */
async function sendAll(gateway: Running, document: (n: number) => string): Promise<Record<string, number>> {
  const pool = new Pool(new URL(gateway.url).origin, { connections: CONNECTIONS, headersTimeout: 120_000 });
  const headers = { "content-type": "application/json", ...(await headersOf("flood")) };
  const statuses: Record<string, number> = {};
  let sent = 0;
  const sender = async () => {
    while (sent < DOCUMENTS) {
      const body = JSON.stringify({ query: document(sent++), variables: { id: "p1" } });
      const response = await pool.request({ method: "POST", path: "/graphql", headers, body });
      await response.body.dump({ limit: 64_000_000 });
      statuses[response.statusCode] = (statuses[response.statusCode] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, sender));
  await pool.close();
  return statuses;
}

function percentile(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN);
}
