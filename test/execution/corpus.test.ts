import { describe, expect, test } from "vitest";
import { graphs } from "./graphs/all.ts";
import { createComparator, problemsOf } from "./support/compare.ts";
import { depth } from "../support/depth.ts";
import { corpusOf } from "./support/corpus.ts";
import { BEHAVIOURS } from "./support/misbehaviour.ts";

/** Seeds of misbehaviour per operation and behaviour. */
const SEEDS = Number(process.env["CORPUS_SEEDS"] ?? 1);
/** The quick run gives each operation one behaviour, in turn; the full one gives it all of them. */
const isTurnOf = (index: number, behaviour: (typeof BEHAVIOURS)[number]) =>
  (index - BEHAVIOURS.indexOf(behaviour)) % depth(BEHAVIOURS.length, 1) === 0;

describe.each(graphs)("hand-written operations over $name", (graph) => {
  const operations = corpusOf(graph.name);
  const comparator = createComparator(graph);

  test.each(BEHAVIOURS)("are answered right: %s subgraphs", async (behaviour) => {
    const wrong: unknown[] = [];
    for (const operation of operations.filter((_, index) => isTurnOf(index, behaviour))) {
      for (let seed = 1; seed <= SEEDS; seed++) {
        const fate = { behaviour, seed: `${operation.name} ${seed}` };
        const outcome = await comparator.compare(operation, fate);
        if (!outcome) throw new Error(`${operation.name} is not valid`);
        wrong.push(...problemsOf(`${operation.name} #${seed}`, behaviour, outcome));
      }
    }
    expect(wrong).toEqual([]);
  });
});

describe("the corpus", () => {
  test("has at least 300 operations over at least 12 supergraphs", () => {
    const counts = graphs.map(({ name }) => corpusOf(name).length);
    expect(counts.length).toBeGreaterThanOrEqual(12);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(300);
  });
});
