import { describe, expect, test } from "vitest";
import { depth } from "../../support/depth.ts";
import { printGraph, type GraphModel } from "./model.ts";
import { randomGraph } from "./random-graph.ts";
import { hiddenNames, randomRequest } from "./random-operation.ts";
import { shrink, type Case } from "./shrink.ts";
import { createTrial, DoesNotCompose, kindOf, type Trial } from "./trial.ts";

/** Graphs, and operations over each: composing one takes as long as asking it many times. */
const GRAPHS = Number(process.env["ORACLE_GRAPHS"] ?? depth(12, 240));
const PER_GRAPH = Number(process.env["ORACLE_OPERATIONS"] ?? 125);
/** Another number is another set of graphs and operations. */
const FIRST_SEED = Number(process.env["ORACLE_SEED"] ?? 1);
/** Every eighth operation has deferred parts. */
const DEFERRED_EVERY = 8;

/** The oracle's tests are in several files, so that they run beside each other; each file is a part of the graphs. */
export function describeOracle({ part, of }: { part: number; of: number }): void {
  describe("a graph of several subgraphs", () => {
    const graphs = graphsFrom(FIRST_SEED * 10_000, { part, of });
    const numbers = Array.from({ length: GRAPHS }, (_, index) => index + 1);

    test.each(numbers.filter((number) => number % of === part % of))(
      "answers like one server, whatever its subgraphs do (graph %i)",
      { timeout: 600_000 },
      async () => {
        const { value: trial } = graphs.next();
        if (!trial) throw new Error("no more graphs");
        const { model } = trial;
        let asked = 0;
        for (let seed = model.seed * 10_000; asked < PER_GRAPH; seed++) {
          const defers = seed % DEFERRED_EVERY === 0;
          const request = randomRequest(trial.world.schema, seed, { hidden: hiddenNames(model), defers });
          if (!trial.isValid(request.query)) continue;
          asked += 1;
          const wrong = await trial.run(request, seed);
          if (wrong.length > 0) throw new Error(await report({ model, request }, { seed, wrong }));
        }
        expect(asked).toBe(PER_GRAPH);
      },
    );
  });
}

/** Random graphs, without those that are none. */
function* graphsFrom(first: number, { part, of }: { part: number; of: number }): Generator<Trial, undefined> {
  for (let seed = first + part; ; seed += of) {
    const trial = trialOf(randomGraph(seed));
    if (trial) yield trial;
  }
}

function trialOf(model: GraphModel): Trial | undefined {
  try {
    return createTrial(model);
  } catch (error) {
    if (error instanceof DoesNotCompose) return undefined;
    throw error;
  }
}

/** The smallest case that fails in the same way, for a person to read. */
async function report(found: Case, { seed, wrong }: { seed: number; wrong: string[] }): Promise<string> {
  const kinds = new Set(wrong.map(kindOf));
  const trials = new WeakMap<GraphModel, { trial: Trial | undefined }>();
  const wrongIn = async ({ model, request }: Case): Promise<string[]> => {
    try {
      const known = trials.get(model) ?? { trial: trialOf(model) };
      trials.set(model, known);
      const { trial } = known;
      if (!trial?.isValid(request.query)) return [];
      // In a smaller graph something may be true that it does not allow.
      return (await trial.hasAnswer(request)) ? await trial.run(request, seed) : [];
    } catch {
      // A smaller graph may be one that nothing can be said of.
      return [];
    }
  };
  const fails = async (smaller: Case) => (await wrongIn(smaller)).some((each) => kinds.has(kindOf(each)));
  const { model, request } = await shrink(found, fails);
  const said = await wrongIn({ model, request });
  return [
    `Seed ${seed}:`,
    // What a planner gets wrong by chance may be right the next time.
    ...(said.length > 0 ? said : wrong),
    request.query,
    JSON.stringify(request.variables),
    printGraph(model),
  ].join("\n\n");
}
