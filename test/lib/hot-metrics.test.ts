import * as fc from "fast-check";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { describe, expect, test } from "vitest";
import { hotCounter, hotGauge, hotHistogram } from "../../lib/hot-metrics.ts";

const NAME = "calls_total";
const HELP = "Calls";
const label = fc.constantFrom("plms", 'a "quoted" name', "back\\slash", "new\nline", "");

describe("metrics for hot paths say what prom-client's own would", () => {
  test("of counters", () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(label, label, fc.nat(9))), async (counted) => {
        const [ours, theirs] = [new Registry(), new Registry()];
        const labelNames = ["subgraph", "outcome"] as const;
        const hot = hotCounter({ name: NAME, help: HELP, labelNames, registry: ours });
        const plain = new Counter({ name: NAME, help: HELP, labelNames, registers: [theirs] });
        for (const [subgraph, outcome, by] of counted) {
          hot({ subgraph, outcome }).inc(by);
          plain.inc({ subgraph, outcome }, by);
        }
        expect(await ours.metrics()).toBe(await theirs.metrics());
      }),
    ));

  test("of gauges", () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(label, fc.boolean())), async (changes) => {
        const [ours, theirs] = [new Registry(), new Registry()];
        const labelNames = ["subgraph"] as const;
        const hot = hotGauge({ name: NAME, help: HELP, labelNames, registry: ours });
        const plain = new Gauge({ name: NAME, help: HELP, labelNames, registers: [theirs] });
        for (const [subgraph, isUp] of changes) {
          if (isUp) hot({ subgraph }).inc();
          else hot({ subgraph }).dec();
          plain.inc({ subgraph }, isUp ? 1 : -1);
        }
        expect(await ours.metrics()).toBe(await theirs.metrics());
      }),
    ));

  test("of histograms, values at their bounds included", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.tuple(label, fc.oneof(fc.constantFrom(0.1, 1, 10), fc.double({ min: 0, max: 20, noNaN: true }))),
        ),
        async (observed) => {
          const [ours, theirs] = [new Registry(), new Registry()];
          const description = { name: NAME, help: HELP, labelNames: ["subgraph"] as const };
          const buckets = [0.1, 1, 10];
          const hot = hotHistogram({ ...description, buckets, registry: ours });
          const plain = new Histogram({ ...description, buckets, registers: [theirs] });
          for (const [subgraph, value] of observed) {
            hot({ subgraph }).observe(value);
            plain.observe({ subgraph }, value);
          }
          expect(await ours.metrics()).toBe(await theirs.metrics());
        },
      ),
    ));

  test("and one series has one line, however often it is looked up", async () => {
    const registry = new Registry();
    const hot = hotCounter({ name: NAME, help: HELP, labelNames: ["subgraph"], registry });
    expect(hot({ subgraph: "plms" })).toBe(hot({ subgraph: "plms" }));
    const lines = (await registry.metrics()).split("\n").filter((line) => line.startsWith(NAME));
    expect(lines).toEqual([`${NAME}{subgraph="plms"} 0`]);
  });
});
