import { isDeepStrictEqual } from "node:util";
import type { Launch, Running } from "./engine/fleet.ts";
import { OPERATIONS, type Shape } from "./engine/graph.ts";
import { measureExtras } from "./engine/extras.ts";
import { load, type LoadOptions } from "./engine/load.ts";
import type { Setting } from "./engine/contender.ts";
import { median } from "./engine/in-turns.ts";
import { say } from "./engine/command-line.ts";
import { rounded, sayTable } from "./engine/table.ts";
import { bodiesOf, headersOf, onStage, setUpProjects, type Stage } from "./engine/stage.ts";

/** `npm run bench [-- --quick]`: gateways side by side; the last line is the result as JSON. */
const isQuick = process.argv.includes("--quick");
/** `--extras` for what is measured beside the shapes alone. */
const isExtrasOnly = process.argv.includes("--extras");
/** Many short ones: what else happens on a machine comes and goes within seconds. */
const ROUNDS = isQuick ? 7 : 20;
const ROUND_MS = isQuick ? 200 : 800;
/** Until V8 has compiled what is hot; a cold gateway of any kind measures two or three times as much. */
const WARM_UP = isQuick ? { durationMs: 6_000, atMost: 30_000 } : { durationMs: 8_000, atMost: 30_000 };
const CONNECTIONS = 16;

const ALL_CONTENDERS: Record<string, Omit<Launch, "setting">> = {
  ours: { file: "ours" },
  stock: { file: "stock" },
  proxy: { file: "proxy" },
  static: { file: "static-bytes" },
  mercurius: { file: "mercurius" },
  hive: { file: "hive" },
  hiveRust: { file: "hive", env: { HIVE_PLANNER: "rust" } },
};
/** `--only ours,stock` for a closer look at some. */
const only = process.argv[process.argv.indexOf("--only") + 1]?.split(",");
const CONTENDERS = Object.entries(ALL_CONTENDERS).filter(
  ([name]) => !process.argv.includes("--only") || only?.includes(name),
);
const SHAPES = Object.keys(OPERATIONS) as Shape[];

await onStage(async (stage) => {
  const { subgraphs, setting } = await setUpProjects(stage);
  const contenders = await startAll(stage, setting);
  const headers = await headersOf("bench");
  await leaveOutLiars(contenders, headers);
  const shapes = isExtrasOnly ? {} : summary(await measure(contenders, headers));
  const extras = isQuick
    ? {}
    : await measureExtras({ contenders, subgraphs: [...subgraphs.values()], headers, say });
  say(JSON.stringify({ ...shapes, ...extras }));
});

async function startAll(stage: Stage, setting: Setting): Promise<Map<string, Running>> {
  const attempts = CONTENDERS.map(([name, options]) =>
    stage.start({ ...options, setting }).then(
      (contender) => [name, contender] as const,
      (error: unknown) => say(`${name} is left out: ${String(error)}`),
    ),
  );
  return new Map((await Promise.all(attempts)).filter((each) => each !== undefined));
}

/** CPU per request in microseconds, round by round, by contender and shape. */
type Rounds = ReadonlyMap<string, readonly number[]>;

/** Contenders take turns, so that what disturbs a round disturbs all of them. */
async function measure(contenders: Map<string, Running>, headers: Record<string, string>): Promise<Rounds> {
  const rounds = new Map<string, number[]>();
  for (let round = 0; round <= ROUNDS; round++) {
    for (const shape of SHAPES) {
      for (const [name, contender] of contenders) {
        if (shape === "compiled" && name !== "ours" && (name !== "stock" || isQuick)) continue;
        const before = await contender.usage();
        const result = await attempt({
          url: contender.url,
          bodies: bodiesOf(shape),
          headers,
          connections: CONNECTIONS,
          ...(round === 0 ? WARM_UP : { durationMs: ROUND_MS }),
        });
        const cpuUs = (await contender.usage()).cpuUs - before.cpuUs;
        if (result.failures > 0) {
          say(`${name} is left out: it failed ${result.failures} of ${result.requests} ${shape} requests`);
          contenders.delete(name);
          continue;
        }
        const key = `${name} ${shape}`;
        if (round > 0) rounds.set(key, [...(rounds.get(key) ?? []), cpuUs / result.requests]);
      }
    }
  }
  return rounds;
}

function attempt(options: LoadOptions) {
  return load(options).catch(() => ({ requests: 1, failures: 1, elapsedMs: 0 }));
}

/** A gateway that is fast because it answers something else is out. */
async function leaveOutLiars(contenders: Map<string, Running>, headers: Record<string, string>) {
  for (const shape of SHAPES) {
    const [body = ""] = bodiesOf(shape);
    const ask = async ({ url }: Running) =>
      (
        await fetch(url, {
          method: "POST",
          body,
          headers: { "content-type": "application/json", ...headers },
        })
      ).json();
    const stock = contenders.get("stock");
    const expected: unknown = stock && (await ask(stock));
    for (const [name, contender] of contenders) {
      if (["proxy", "static", "stock"].includes(name)) continue;
      const given: unknown = await ask(contender).catch(String);
      if (isDeepStrictEqual(given, expected)) continue;
      say(`${name} is left out: it answers ${shape} with ${JSON.stringify(given).slice(0, 200)}`);
      contenders.delete(name);
    }
  }
}

/** A table of figures, and ratios; a ratio is the median of those of single rounds. */
function summary(rounds: Rounds) {
  const contenders: Record<string, Record<string, number>> = {};
  for (const [key, values] of rounds) {
    const [name = "", shape = ""] = key.split(" ");
    const cpuUs = Math.round(median(values));
    contenders[name] = { ...contenders[name], [shape]: cpuUs };
  }
  const ratio = (above: string, below: string) => {
    const [a = [], b = []] = [rounds.get(above), rounds.get(below)];
    const ratios = a.flatMap((value, round) => (b[round] === undefined ? [] : [value / b[round]]));
    return ratios.length === 0 ? undefined : rounded(median(ratios));
  };
  say("CPU µs a request; times ours in the median of single rounds:");
  sayTable(
    ["large", "small", "times ours, large", "times ours, small", "large with a type name"],
    Object.fromEntries(
      Object.entries(contenders).map(([name, { large, small, compiled }]) => [
        name,
        [large, small, ratio(`${name} large`, "ours large"), ratio(`${name} small`, "ours small"), compiled],
      ]),
    ),
  );
  // The third shape is the large one and a type name; peers are measured with the large one.
  const of = (shape: Shape, peers: Shape = shape) => ({
    cpuUs: contenders["ours"]?.[shape],
    xStock: ratio(`stock ${shape}`, `ours ${shape}`) ?? ratio(`stock ${peers}`, `ours ${shape}`),
    xProxy: ratio(`ours ${shape}`, `proxy ${peers}`),
  });
  return { large: of("large"), small: of("small"), compiled: of("compiled", "large"), contenders };
}
