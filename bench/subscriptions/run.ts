import { parseArgs } from "node:util";
import { conformanceOf, type Conformance } from "./conformance.ts";
import {
  createContenders,
  runwayScenario,
  tickScenario,
  type Contender,
  type Scenario,
} from "./contenders.ts";
import { measureForeign } from "./foreign.ts";
import { measureIdle, measureStalled } from "./idle-and-stalled.ts";
import { createTargets, type Targets } from "./targets.ts";
import { compare, type Settings } from "./throughput.ts";
import { serveGraph, SUBGRAPH_SECRET, TOKEN_SECRET } from "./subgraphs.ts";

/**
 * The figures of subscriptions, each beside the limit in the same run: `node bench/subscriptions/run.ts`.
 * The last line is JSON. `--only bare,ours` leaves contenders out, `--parts throughput,dashboard,conformance,idle,stalled`
 * parts; with `--signed-in` every client of `throughput` has a token of its own, as people have.
 * `--target ws://host/graphql --query 'subscription { … }' [--pid 123]` measures a gateway of others.
 */
const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string", default: "bare,ours,hive" },
    parts: { type: "string", default: "throughput,dashboard,conformance,idle,stalled" },
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
const { quick } = values;
const tell = (result: object) => process.stdout.write(`${JSON.stringify(result)}\n`);

/** How many clients, how many events and how often; what the command line says comes first. */
type Size = Pick<Settings, "count" | "warmUpEvents" | "events" | "rounds">;
const sized = (full: Size, small: Size): Size => {
  const { count, events, rounds, warmUpEvents } = quick ? small : full;
  return {
    warmUpEvents,
    count: number(values.clients, count),
    events: number(values.events, events),
    rounds: number(values.rounds, rounds),
  };
};

if (values.target === undefined) await measureContenders();
else {
  const { target: url, query, pid } = values;
  const task = {
    url,
    query,
    count: number(values.clients, quick ? 500 : 2_000),
    pid: pid === undefined ? undefined : Number(pid),
    seconds: Number(values.seconds),
  };
  tell({ bench: "subscriptions", target: url, ...(await measureForeign(task, createTargets({}).clients())) });
}
process.exit(0);

async function measureContenders(): Promise<void> {
  const has = (part: string) => values.parts.split(",").includes(part);
  const dashboard = has("dashboard") ? await over(runwayScenario(), measureDashboard) : undefined;
  const others = await over(tickScenario(), async (scenario, targets) => ({
    throughput: has("throughput") ? await measureTicks(scenario, targets) : undefined,
    conformance: has("conformance") ? await conform(scenario, targets) : undefined,
    idle: has("idle") ? await measureIdle({ targets, sockets: quick ? 1_000 : 10_000 }) : undefined,
    stalled: has("stalled")
      ? await measureStalled({ graph: scenario.graph, targets, events: quick ? 300 : 1_000 })
      : undefined,
  }));
  tell({ bench: "subscriptions", dashboard, ...others });
}

async function over<T>(
  scenario: Scenario,
  run: (scenario: Scenario, targets: Targets) => Promise<T>,
): Promise<T> {
  const served = await serveGraph(scenario.graph);
  const targets = createTargets({
    SUPERGRAPH_FILE: served.supergraphFile,
    GATEWAY_SUBGRAPH_SECRET: SUBGRAPH_SECRET,
    JWT_SECRET: TOKEN_SECRET,
  });
  const result = await run(scenario, targets);
  await served.close();
  return result;
}

function chosen(scenario: Scenario, targets: Targets): readonly Contender[] {
  return createContenders(scenario, targets).filter(({ name }) => values.only.split(",").includes(name));
}

/** What the dashboard follows, by people who are signed in; as many as Hive Gateway can serve. */
function measureDashboard(scenario: Scenario, targets: Targets): Promise<object> {
  return load(scenario, targets, {
    ...sized(
      { count: 500, warmUpEvents: 120, events: 40, rounds: 2 },
      { count: 200, warmUpEvents: 20, events: 20, rounds: 1 },
    ),
    tokenSecret: TOKEN_SECRET,
  });
}

function measureTicks(scenario: Scenario, targets: Targets): Promise<object> {
  return load(scenario, targets, {
    ...sized(
      { count: 2_000, warmUpEvents: 5, events: 40, rounds: 3 },
      { count: 500, warmUpEvents: 5, events: 15, rounds: 1 },
    ),
    tokenSecret: values["signed-in"] ? TOKEN_SECRET : undefined,
  });
}

async function load(
  scenario: Scenario,
  targets: Targets,
  size: Size & Pick<Settings, "tokenSecret">,
): Promise<object> {
  const figures = await compare({
    ...size,
    contenders: chosen(scenario, targets),
    clients: () => targets.clients(),
  });
  const { bare, ours, hive } = figures;
  const ratio = (a: number | undefined, b: number | undefined) =>
    a === undefined || b === undefined ? undefined : Math.round((a / b) * 100) / 100;
  return {
    clients: size.count,
    signedIn: size.tokenSecret !== undefined,
    ...figures,
    cpuRatio: ratio(ours?.cpuMicrosPerMessage, bare?.cpuMicrosPerMessage),
    p99Ratio: ratio(ours?.p99Ms, bare?.p99Ms),
    hiveCpuRatio: ratio(hive?.cpuMicrosPerMessage, ours?.cpuMicrosPerMessage),
  };
}

async function conform(scenario: Scenario, targets: Targets): Promise<Record<string, Conformance>> {
  const results: Record<string, Conformance> = {};
  for (const { name, start } of chosen(scenario, targets).filter(({ payload }) => payload !== undefined)) {
    const target = await start();
    results[name] = await conformanceOf(target.url, `subscription { tick(topic: "a") { number } }`);
    await target.stop();
  }
  return results;
}
