import { describe, expect, test } from "vitest";
import { graphs } from "./graphs/all.ts";
import { createComparator, problemsOf } from "./support/compare.ts";
import { BEHAVIOURS } from "./support/misbehaviour.ts";
import { generateOperation } from "./support/operations.ts";

/** All of them take a while; the quick run takes a part. */
const OPERATIONS = Number(process.env["GENERATED_OPERATIONS"] ?? 72);
const PER_GRAPH = Math.ceil(OPERATIONS / graphs.length);

describe.each(graphs)("generated operations over $name", (graph) => {
  test("are answered right, whatever the subgraphs do", { timeout: 1_200_000 }, async () => {
    const comparator = createComparator(graph);
    const wrong: unknown[] = [];
    let compared = 0;
    for (let seed = 1; compared < PER_GRAPH && seed < PER_GRAPH * 5; seed++) {
      const operation = generateOperation(graph.loaded.apiSchema, seed);
      const behaviour = BEHAVIOURS[seed % BEHAVIOURS.length] ?? "healthy";
      const outcome = await comparator.compare(operation, { behaviour, seed: String(seed) });
      if (!outcome) continue;
      compared++;
      const context = `${graph.name} #${seed} (${behaviour}): ${operation.query} ${JSON.stringify(operation.variables)}`;
      wrong.push(...problemsOf(context, behaviour, outcome));
    }
    expect(wrong).toEqual([]);
    expect(compared).toBe(PER_GRAPH);
  });
});
