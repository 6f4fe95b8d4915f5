import type { Running } from "./fleet.ts";
import { OPERATIONS } from "./graph.ts";
import { load, type LoadOptions } from "./load.ts";

export interface ExtrasOptions {
  contenders: ReadonlyMap<string, Running>;
  subgraphs: readonly Running[];
  headers: Record<string, string>;
  /** Told each figure when it is there. */
  say: (line: string) => void;
}

/** What gateways are asked, and whether they are asked it for the first time. */
interface Kind {
  bodies: readonly string[];
  connections?: number;
  areNew?: boolean;
}

const DURATION_MS = 3_000;
const DISTINCT_OPERATIONS = 100_000;

/** Everything beside the two shapes: cold plans, large answers, many connections, growth, memory. */
export async function measureExtras({ contenders, subgraphs, headers, say }: ExtrasOptions) {
  const ours = contenders.get("ours");
  const stock = contenders.get("stock");
  if (!ours || !stock) return {};
  const cpuOf = async (gateway: Running, { bodies, connections = 16, areNew = false }: Kind) => {
    // What has never come before costs more, and compiles code that is new, too.
    if (!areNew) await answered(gateway.url, { bodies, headers, connections });
    const before = await gateway.usage();
    const requests = await answered(gateway.url, { bodies, headers, connections });
    return Math.round(((await gateway.usage()).cpuUs - before.cpuUs) / requests);
  };
  const both = async (kind: Kind) => ({ ours: await cpuOf(ours, kind), stock: await cpuOf(stock, kind) });
  const large = varied(OPERATIONS.large);
  const totalOf = async (gateway: Running) => {
    const before = await totalCpu([gateway, ...subgraphs]);
    const requests = await answered(gateway.url, { bodies: large, headers, connections: 16 });
    return Math.round(((await totalCpu([gateway, ...subgraphs])) - before) / requests);
  };
  const figures: Record<string, () => Promise<unknown>> = {
    "32 entities": () => both({ bodies: growing(32) }),
    "320 entities": () => both({ bodies: growing(320) }),
    "3200 entities": () => both({ bodies: growing(3_200) }),
    "1 MB answers": () => both({ bodies: growing(1_600) }),
    "500 connections": () => both({ bodies: large, connections: 500 }),
    "cold plans": () => both({ bodies: Array.from({ length: 10_000 }, (_, n) => distinct(n)), areNew: true }),
    "gateway and subgraphs": async () => ({ ours: await totalOf(ours), stock: await totalOf(stock) }),
    "MB after distinct operations": () => memoryAfterDistinct(ours, headers),
  };
  const extras: Record<string, unknown> = {};
  for (const [name, measure] of Object.entries(figures)) {
    extras[name] = await measure().catch(String);
    say(`${name}: ${JSON.stringify(extras[name])}`);
  }
  return { extrasCpuUs: extras };
}

/** How many requests were answered; it has to be all of them. */
async function answered(url: string, options: Omit<LoadOptions, "url" | "durationMs">): Promise<number> {
  const { requests, failures } = await load({ url, durationMs: DURATION_MS, ...options });
  if (failures > 0) throw new Error(`${url} failed ${failures} of ${requests} requests`);
  return requests;
}

const totalCpu = async (processes: readonly Running[]) =>
  (await Promise.all(processes.map((each) => each.usage()))).reduce((sum, { cpuUs }) => sum + cpuUs, 0);

/** Bodies that differ in their variables: equal ones would flatter gateways that merge requests in flight. */
const varied = (query: string) =>
  Array.from({ length: 64 }, (_, n) => JSON.stringify({ query, variables: { id: `p${n}` } }));

/** The large operation over a number of entities. */
const growing = (count: number) =>
  varied(OPERATIONS.large.replace("workOrders {", `workOrders(first: ${count}) {`));

const distinct = (n: number) =>
  JSON.stringify({
    query: OPERATIONS.small.replace("name status", `name_${n}: name status`),
    variables: { id: "p1" },
  });

/** Resident memory in MB after operations none of which has been seen before. */
async function memoryAfterDistinct(gateway: Running, headers: Record<string, string>) {
  const rssMb = async () => Math.round((await gateway.usage()).rssBytes / 1_048_576);
  const rssMbAfter: Record<string, number> = { 0: await rssMb() };
  for (let from = 0; from < DISTINCT_OPERATIONS; from += DISTINCT_OPERATIONS / 10) {
    const bodies = Array.from({ length: DISTINCT_OPERATIONS / 10 }, (_, n) => distinct(10_000 + from + n));
    const until = { durationMs: Number.POSITIVE_INFINITY, atMost: bodies.length };
    const { failures } = await load({ url: gateway.url, bodies, headers, connections: 16, ...until });
    if (failures > 0) throw new Error(`${failures} distinct operations failed`);
    rssMbAfter[from + bodies.length] = await rssMb();
  }
  return rssMbAfter;
}
