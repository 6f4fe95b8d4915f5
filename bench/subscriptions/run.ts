import { parseArgs } from "node:util";
import {
  createContenders,
  runwayScenario,
  tickScenario,
  type Contender,
  type Scenario,
} from "./contenders.ts";
import { measureIdle, measureStalled } from "./idle-and-stalled.ts";
import { createTargets, type Targets } from "./targets.ts";
import { compare, type Settings } from "./throughput.ts";
import { sayTable } from "../engine/table.ts";
import { serveGraph, SUBGRAPH_SECRET, TOKEN_SECRET } from "./subgraphs.ts";

/**
 * The figures of subscriptions, each beside the limit in the same run: `node bench/subscriptions/run.ts`.
 * The last line is JSON. `--only bare,ours` leaves contenders out, `--parts throughput,dashboard,idle,stalled`
 * parts; with `--signed-in` every client of `throughput` has a token of its own, as people have.
 * Rules, and a load on a server of others, are `conformance/`.
 */
const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string", default: "bare,ours,hive" },
    parts: { type: "string", default: "throughput,dashboard,idle,stalled" },
    clients: { type: "string" },
    events: { type: "string" },
    rounds: { type: "string" },
    "signed-in": { type: "boolean", default: false },
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

await measureContenders();
process.exit(0);

async function measureContenders(): Promise<void> {
  const has = (part: string) => values.parts.split(",").includes(part);
  const dashboard = has("dashboard") ? await over(runwayScenario(), measureDashboard) : undefined;
  const others = await over(tickScenario(), async (scenario, targets) => ({
    throughput: has("throughput") ? await measureTicks(scenario, targets) : undefined,
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
  const rows = Object.entries(figures).map(([name, each]) => [
    name,
    [
      each.cpuMicrosPerMessage,
      ratio(each.cpuMicrosPerMessage, bare?.cpuMicrosPerMessage),
      each.p50Ms,
      each.p99Ms,
      `${each.delivered} of ${each.expected}`,
    ],
  ]);
  process.stdout.write(`${size.count} people${size.tokenSecret === undefined ? "" : " with tokens"}:\n`);
  sayTable(
    ["CPU µs a message", "times the limit", "p50 ms", "p99 ms", "messages delivered"],
    Object.fromEntries(rows),
  );
  return {
    clients: size.count,
    signedIn: size.tokenSecret !== undefined,
    ...figures,
    cpuRatio: ratio(ours?.cpuMicrosPerMessage, bare?.cpuMicrosPerMessage),
    p99Ratio: ratio(ours?.p99Ms, bare?.p99Ms),
    hiveCpuRatio: ratio(hive?.cpuMicrosPerMessage, ours?.cpuMicrosPerMessage),
  };
}
