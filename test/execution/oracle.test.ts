import { describe, expect, it } from "vitest";
import { printGraph, type GraphModel } from "./oracle/model.ts";
import { randomGraph } from "./oracle/random-graph.ts";
import { hiddenNames, randomRequest } from "./oracle/random-operation.ts";
import { shrink, type Case } from "./oracle/shrink.ts";
import { createTrial, DoesNotCompose, type Trial } from "./oracle/trial.ts";

/**
 * Graphs, and operations over each: composing one takes as long as asking it many times. More of both, as in
 * `ORACLE_GRAPHS=240 ORACLE_OPERATIONS=125`, still finds what is not right: docs/decisions/0115 lists it.
 */
const GRAPHS = Number(process.env["ORACLE_GRAPHS"] ?? 5);
const PER_GRAPH = Number(process.env["ORACLE_OPERATIONS"] ?? 60);
/** Another number is another set of graphs and operations. */
const FIRST_SEED = Number(process.env["ORACLE_SEED"] ?? 1);
/** Every eighth operation has deferred parts. */
const DEFERRED_EVERY = 8;

describe("a graph of several subgraphs", () => {
  const graphs = graphsFrom(FIRST_SEED * 10_000);

  it.each(Array.from({ length: GRAPHS }, (_, index) => index + 1))(
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
        if (wrong.length > 0) throw new Error(await report({ model, request }, seed));
      }
      expect(asked).toBe(PER_GRAPH);
    },
  );
});

/** Random graphs, without those that are none. */
function* graphsFrom(first: number): Generator<Trial, undefined> {
  for (let seed = first; ; seed++) {
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

/** The smallest case that fails in some way, for a person to read. */
async function report(found: Case, seed: number): Promise<string> {
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
  const { model, request } = await shrink(found, async (smaller) => (await wrongIn(smaller)).length > 0);
  return [
    `Seed ${seed}:`,
    ...(await wrongIn({ model, request })),
    request.query,
    JSON.stringify(request.variables),
    printGraph(model),
  ].join("\n\n");
}
