import { describe, expect, it } from "vitest";
import { graphs } from "./graphs/all.ts";
import { createComparator } from "./support/compare.ts";
import { BEHAVIOURS } from "./support/misbehaviour.ts";
import { generateOperation } from "./support/operations.ts";

/** All of them take a while; the quick run takes a part. */
const OPERATIONS = Number(process.env["GENERATED_OPERATIONS"] ?? 72);
const PER_GRAPH = Math.ceil(OPERATIONS / graphs.length);

describe.each(graphs)("generated operations over $name", (graph) => {
  it(
    "are answered like Apollo's executor answers them, whatever the subgraphs do",
    { timeout: 1_200_000 },
    async () => {
      const comparator = createComparator(graph);
      const paths = { splice: 0, compiled: 0, stock: 0 };
      let compared = 0;
      for (let seed = 1; compared < PER_GRAPH && seed < PER_GRAPH * 5; seed++) {
        const operation = generateOperation(graph.loaded.apiSchema, seed);
        const behaviour = BEHAVIOURS[seed % BEHAVIOURS.length] ?? "healthy";
        const outcome = await comparator.compare(operation, { behaviour, seed: String(seed) });
        if (!outcome) continue;
        compared++;
        const context = `${graph.name} #${seed} (${behaviour}): ${operation.query} ${JSON.stringify(operation.variables)}`;
        const { stock, text, objects, first } = outcome;
        const asked = { distinct: new Set(text.sent).size, all: text.sent.length };
        const results = [text.result, objects.result, first.result];
        expect({ context, results, asked }).toEqual({
          context,
          results: [stock.result, stock.result, stock.result],
          asked: { distinct: stock.sent.length, all: stock.sent.length },
        });
        // To the byte: the order of fields counts, too.
        expect(results.map((result) => JSON.stringify(result))).toEqual(
          results.map(() => JSON.stringify(stock.result)),
        );
        for (const path of text.paths) paths[path]++;
      }
      expect(compared).toBe(PER_GRAPH);
      expect(paths.compiled + paths.splice).toBeGreaterThan(compared / 8);
      if (process.env["SHOW_PATHS"]) process.stderr.write(`${graph.name} ${JSON.stringify(paths)}\n`);
    },
  );
});
