import { parseArgs } from "node:util";
import { createTickerGraph } from "../../test/subscriptions/support/ticker-graph.ts";
import { conformanceOf, type Conformance } from "./conformance.ts";
import { createContenders, type Contender } from "./contenders.ts";
import { measureForeign } from "./foreign.ts";
import { measureIdle, measureStalled } from "./idle-and-stalled.ts";
import { createTargets, type Targets } from "./targets.ts";
import { compare } from "./throughput.ts";
import { serveTickerGraph, SUBGRAPH_SECRET, TOKEN_SECRET } from "./ticker-subgraphs.ts";

/**
 * The figures of subscriptions, each beside the limit in the same run: `node bench/subscriptions/run.ts`.
 * The last line is JSON. `--only bare,ours` leaves contenders out, `--parts throughput,conformance,idle,stalled`
 * parts; with `--signed-in` every client has a token of its own, as people have.
 * `--target ws://host/graphql --query 'subscription { … }' [--pid 123]` measures a gateway of others.
 */
const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string", default: "bare,ours,hive" },
    parts: { type: "string", default: "throughput,conformance,idle,stalled" },
    clients: { type: "string" },
    events: { type: "string" },
    rounds: { type: "string" },
    "signed-in": { type: "boolean", default: false },
    target: { type: "string" },
    query: { type: "string", default: process.env["SUBSCRIPTION_QUERY"] ?? "" },
    pid: { type: "string" },
    seconds: { type: "string", default: "20" },
  },
});
const number = (text: string | undefined, otherwise: number) =>
  text === undefined ? otherwise : Number(text);
const count = number(values.clients, values.quick ? 500 : 2_000);
const tell = (result: object) => process.stdout.write(`${JSON.stringify(result)}\n`);

if (values.target === undefined) await measureContenders();
else {
  const { target: url, query, pid } = values;
  const task = {
    url,
    query,
    count,
    pid: pid === undefined ? undefined : Number(pid),
    seconds: Number(values.seconds),
  };
  tell({ bench: "subscriptions", target: url, ...(await measureForeign(task, createTargets({}).clients())) });
}
process.exit(0);

async function measureContenders(): Promise<void> {
  const graph = createTickerGraph();
  const subgraphs = await serveTickerGraph(graph);
  const targets = createTargets({
    SUPERGRAPH_FILE: subgraphs.supergraphFile,
    GATEWAY_SUBGRAPH_SECRET: SUBGRAPH_SECRET,
    JWT_SECRET: TOKEN_SECRET,
  });
  const contenders = createContenders(graph, targets).filter(({ name }) => values.only.includes(name));
  const { quick } = values;
  const has = (part: string) => values.parts.includes(part);
  const conformance = has("conformance") ? await conform(contenders) : {};
  const throughput = has("throughput") ? await load(contenders, targets) : {};
  const idle = has("idle") ? await measureIdle({ targets, sockets: quick ? 1_000 : 10_000 }) : undefined;
  const stalled = has("stalled")
    ? await measureStalled({ graph, targets, events: quick ? 300 : 1_000 })
    : undefined;
  await subgraphs.close();
  tell({ bench: "subscriptions", clients: count, ...throughput, conformance, idle, stalled });
}

async function load(contenders: readonly Contender[], targets: Targets): Promise<object> {
  const { quick, "signed-in": signedIn } = values;
  const throughput = await compare({
    contenders,
    clients: () => targets.clients(),
    count,
    events: number(values.events, quick ? 15 : 40),
    rounds: number(values.rounds, quick ? 1 : 3),
    tokenSecret: signedIn ? TOKEN_SECRET : undefined,
  });
  const { bare, ours, hive } = throughput;
  const ratio = (a: number | undefined, b: number | undefined) =>
    a === undefined || b === undefined ? undefined : Math.round((a / b) * 100) / 100;
  return {
    signedIn,
    ...throughput,
    cpuRatio: ratio(ours?.cpuMicrosPerMessage, bare?.cpuMicrosPerMessage),
    p99Ratio: ratio(ours?.p99Ms, bare?.p99Ms),
    hiveCpuRatio: ratio(hive?.cpuMicrosPerMessage, ours?.cpuMicrosPerMessage),
  };
}

async function conform(contenders: readonly Contender[]): Promise<Record<string, Conformance>> {
  const results: Record<string, Conformance> = {};
  for (const { name, start } of contenders.filter(({ query }) => query !== undefined)) {
    const target = await start();
    results[name] = await conformanceOf(target.url, `subscription { tick(topic: "a") { number } }`);
    await target.stop();
  }
  return results;
}
