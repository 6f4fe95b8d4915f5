import { isDeepStrictEqual } from "node:util";
import { option, say } from "./engine/command-line.ts";
import type { Launch, Running } from "./engine/fleet.ts";
import { inTurns, median, ratio, type Costs } from "./engine/in-turns.ts";
import { composeShop, HEAVY_QUERY, SHOP } from "./engine/shop.ts";
import { headersOf, onStage } from "./engine/stage.ts";
import { rounded as round, sayTable } from "./engine/table.ts";

/**
 * `npm run bench:heavy -- [--base CHECKOUT] [--latency MS] [--runs N] [--callers N] [--only ours,stock]`: the public heavy query
 * before four subgraphs. Each run has processes of its own; every request is of another caller than those beside it, so that
 * no fetch is shared between requests. With `--callers 1` all are of one, as the public benchmarks ask, and fetches that are
 * under way may be shared. With `--base`, another checkout of this project takes part. `limit` makes the calls that ours
 * makes, parses their answers and does nothing else.
 */
const base = option("base");
const latencyMs = option("latency") ?? "0";
const runs = Number(option("runs") ?? 1);
const only = option("only")?.split(",");
const callers = Number(option("callers") ?? 64);
const TURNS = {
  rounds: Number(option("rounds") ?? 9),
  roundMs: 500,
  warmUp: { durationMs: 25_000, atMost: 2_500 },
  connections: 16,
};

const body = JSON.stringify({ query: HEAVY_QUERY });
const headers = await Promise.all(Array.from({ length: callers }, (_, n) => headersOf(`bench ${n}`)));
const LAUNCHES: Record<string, Launch> = {
  ours: { file: "ours" },
  ...(base !== undefined && { base: { file: "ours", checkout: base } }),
  stock: { file: "stock" },
  hive: { file: "hive" },
  hiveRust: { file: "hive", env: { HIVE_PLANNER: "rust" } },
  limit: { file: "exchanges", env: { EXCHANGES_OF: JSON.stringify({ body, headers: headers[0] }) } },
};

const figures: Figure[] = [];
for (let run = 1; run <= runs; run++) {
  const figure = await measure();
  figures.push(figure);
  sayTable(
    ["calls of subgraphs", "CPU ms a request", "times ours"],
    Object.fromEntries(
      Object.entries(figure.cpuMs).map(([name, ms]) => [
        name,
        [figure.calls[name], ms, name === "ours" ? 1 : figure.ratios[`${name}/ours`]],
      ]),
    ),
  );
  say(`run ${run}: ${JSON.stringify(figure)}`);
}
const medianOf = (key: string) =>
  round(median(figures.flatMap(({ ratios }) => (ratios[key] === undefined ? [] : [ratios[key]]))));
say(
  JSON.stringify({
    latencyMs: Number(latencyMs),
    callers,
    calls: figures[0]?.calls,
    median: Object.fromEntries(Object.keys(figures[0]?.ratios ?? {}).map((key) => [key, medianOf(key)])),
  }),
);

interface Figure {
  /** How often a subgraph is asked for one request. */
  calls: Record<string, number>;
  cpuMs: Record<string, string>;
  /** How many times dearer the others are. */
  ratios: Record<string, number>;
}

function measure(): Promise<Figure> {
  return onStage(async (stage) => {
    const environments = SHOP.map((name) => [name, { GRAPH: "shop", LATENCY_MS: latencyMs }] as const);
    const { subgraphs, setting } = await stage.setUp(Object.fromEntries(environments), composeShop);
    const wanted = Object.entries(LAUNCHES).filter(([name]) => !only || only.includes(name));
    const gateways = await stage.startAll(Object.fromEntries(wanted), () => setting);
    const calls = await callsOf(gateways, [...subgraphs.values()]);
    const costs = await inTurns(gateways, () => ({ bodies: [body], headers }), TURNS);
    return { calls, ...summary(costs) };
  });
}

/** How often each gateway asks a subgraph for one request; all have to give the same answer. */
async function callsOf(gateways: ReadonlyMap<string, Running>, subgraphs: readonly Running[]) {
  const calls: Record<string, number> = {};
  let expected: unknown;
  const counted = async () =>
    (await Promise.all(subgraphs.map((each) => each.usage()))).reduce(
      (sum, each) => sum + (each.calls ?? 0),
      0,
    );
  for (const [name, { url }] of gateways) {
    const ask = async () => {
      const type = { "content-type": "application/json" };
      const response = await fetch(url, { method: "POST", body, headers: { ...type, ...headers[0] } });
      return response.json();
    };
    await ask();
    const before = await counted();
    const answer: unknown = await ask();
    calls[name] = (await counted()) - before;
    expected ??= answer;
    if (!isDeepStrictEqual(answer, expected))
      throw new Error(`${name} answers otherwise: ${JSON.stringify(answer).slice(0, 200)}`);
  }
  return calls;
}

function summary(costs: Costs) {
  const ratios: Record<string, number> = {};
  const cpuMs: Record<string, string> = {};
  for (const [name, rounds] of costs) {
    const inMs = (of: "userUs" | "totalUs") => round(median(rounds.map((each) => each[of])) / 1000);
    cpuMs[name] = `${inMs("totalUs")} (user ${inMs("userUs")})`;
    if (name === "ours") continue;
    ratios[`${name}/ours`] = round(ratio(costs, name, "ours"));
    ratios[`${name}/ours user`] = round(ratio(costs, name, "ours", "userUs"));
  }
  return { cpuMs, ratios };
}
