import type { Setting } from "./contender.ts";
import type { Running } from "./fleet.ts";
import { OPERATIONS } from "./graph.ts";
import { load } from "./load.ts";

export interface ExtrasOptions {
  contenders: ReadonlyMap<string, Running>;
  subgraphs: readonly Running[];
  setting: Setting;
  headers: Record<string, string>;
}

const DURATION_MS = 3_000;
const DISTINCT_OPERATIONS = 100_000;

/** Everything beside the two shapes: cold plans, large answers, many connections, growth, memory. */
export async function measureExtras({ contenders, subgraphs, headers }: ExtrasOptions) {
  const ours = contenders.get("ours");
  const stock = contenders.get("stock");
  if (!ours || !stock) return {};
  const cpuOf = async (gateway: Running, bodies: readonly string[], connections = 16) => {
    const before = await gateway.usage();
    const { requests } = await load({
      url: gateway.url,
      bodies,
      headers,
      durationMs: DURATION_MS,
      connections,
    });
    return Math.round(((await gateway.usage()).cpuUs - before.cpuUs) / requests);
  };
  const both = async (bodies: readonly string[], connections?: number) => ({
    ours: await cpuOf(ours, bodies, connections),
    stock: await cpuOf(stock, bodies, connections),
  });
  const entities: Record<string, unknown> = {};
  for (const count of [32, 320, 3_200]) entities[count] = await both([growing(count)]);
  const large = [JSON.stringify({ query: OPERATIONS.large, variables: { id: "p1" } })];
  const usedBefore = await totalCpu([ours, ...subgraphs]);
  const { requests } = await load({
    url: ours.url,
    bodies: large,
    headers,
    durationMs: DURATION_MS,
    connections: 16,
  });
  const totalCpuUs = Math.round(((await totalCpu([ours, ...subgraphs])) - usedBefore) / requests);
  return {
    entitiesCpuUs: entities,
    answerOf1MbCpuUs: await both([growing(1_600)]),
    connections500CpuUs: await both(large, 500),
    coldPlanCpuUs: await both(Array.from({ length: 3_000 }, (_, n) => distinct(n))),
    totalCpuUsLarge: totalCpuUs,
    rssMbAfter100kOperations: await memoryAfterDistinct(ours, headers),
  };
}

const totalCpu = async (processes: readonly Running[]) =>
  (await Promise.all(processes.map((each) => each.usage()))).reduce((sum, { cpuUs }) => sum + cpuUs, 0);

/** The large operation over a number of entities. */
const growing = (count: number) =>
  JSON.stringify({
    query: OPERATIONS.large.replace("workOrders {", `workOrders(first: ${count}) {`),
    variables: { id: "p1" },
  });

const distinct = (n: number) =>
  JSON.stringify({
    query: OPERATIONS.small.replace("name status", `name_${n}: name status`),
    variables: { id: "p1" },
  });

async function memoryAfterDistinct(ours: Running, headers: Record<string, string>) {
  const { origin } = new URL(ours.url);
  const rounds = 100;
  for (let round = 0; round < rounds; round++) {
    const from = 10_000 + (round * DISTINCT_OPERATIONS) / rounds;
    await Promise.all(
      Array.from({ length: 16 }, async (_, lane) => {
        for (let n = from + lane; n < from + DISTINCT_OPERATIONS / rounds; n += 16) {
          const response = await fetch(`${origin}/graphql`, {
            method: "POST",
            body: distinct(n),
            headers: { "content-type": "application/json", ...headers },
          });
          await response.arrayBuffer();
        }
      }),
    );
  }
  return Math.round((await ours.usage()).rssBytes / 1_048_576);
}
