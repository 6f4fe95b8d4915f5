import { option, say } from "./engine/command-line.ts";
import { OPERATIONS, type Shape } from "./engine/graph.ts";
import { inTurns, median, ratio } from "./engine/in-turns.ts";
import { bodiesOf, headersOf, onStage, setUpProjects } from "./engine/stage.ts";

/**
 * `npm run bench:builds -- --base CHECKOUT [--shapes small,large] [--rounds N]`: CPU per request of this build and of another
 * checkout, in many short rounds by turns in one run. `ratio` is the median of those of single rounds; `leastRatio` compares the
 * cheapest tenth of the rounds of each, which a busy machine disturbs least.
 */
const base = option("base");
if (base === undefined) throw new Error("--base is missing; expected the folder of another checkout");
const shapes = (option("shapes") ?? Object.keys(OPERATIONS).join()).split(",") as Shape[];
const TURNS = {
  rounds: Number(option("rounds") ?? 60),
  roundMs: 250,
  warmUp: { durationMs: 90_000, atMost: 40_000 },
  connections: 16,
};
/** The tenth of the values that are lowest, on average. */
function least(values: readonly number[]): number {
  const lowest = values.toSorted((a, b) => a - b).slice(0, Math.ceil(values.length / 10));
  return lowest.reduce((sum, value) => sum + value, 0) / lowest.length;
}

const rounded = (value: unknown) => (typeof value === "number" ? Math.round(value * 1_000) / 1_000 : value);

await onStage(async (stage) => {
  const { setting } = await setUpProjects(stage);
  const launches = { base: { file: "ours", checkout: base }, ours: { file: "ours" } };
  const builds = await stage.startAll(launches, () => setting);
  const headers = [await headersOf("bench")];
  for (const shape of shapes) {
    const costs = await inTurns(builds, () => ({ bodies: bodiesOf(shape), headers }), TURNS);
    const cpuUs = Object.fromEntries(
      [...costs].map(([name, rounds]) => [name, Math.round(median(rounds.map(({ totalUs }) => totalUs)))]),
    );
    const leastUs = (name: string) => least((costs.get(name) ?? []).map(({ totalUs }) => totalUs));
    const figures = {
      ratio: ratio(costs, "ours", "base"),
      userRatio: ratio(costs, "ours", "base", "userUs"),
      leastRatio: leastUs("ours") / leastUs("base"),
    };
    say(JSON.stringify({ shape, cpuUs, ...figures }, (_, value) => rounded(value)));
  }
});
