import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  admits,
  closedCircuit,
  failuresInWindow,
  nextCircuit,
  type Circuit,
  type CircuitEvent,
  type CircuitRules,
} from "../../lib/circuit.ts";

const rulesArbitrary: fc.Arbitrary<CircuitRules> = fc.record({
  threshold: fc.integer({ min: 1, max: 6 }),
  windowMs: fc.integer({ min: 1, max: 50 }),
  openMs: fc.integer({ min: 1, max: 40 }),
  openMaxMs: fc.integer({ min: 40, max: 200 }),
  probes: fc.integer({ min: 1, max: 4 }),
});

describe("the rule of a closed circuit", () => {
  test("opens exactly when so many failures lie within the window, for any mix of ends", () => {
    const endArbitrary = fc.record({ waitMs: fc.integer({ min: 0, max: 20 }), fails: fc.boolean() });
    fc.assert(
      fc.property(rulesArbitrary, fc.array(endArbitrary, { maxLength: 60 }), (rules, ends) => {
        const failures: number[] = [];
        let circuit: Circuit = closedCircuit;
        let nowMs = 0;
        for (const { waitMs, fails } of ends) {
          nowMs += waitMs;
          if (fails) failures.push(nowMs);
          circuit = nextCircuit(rules, circuit, endOf(circuit.generation, nowMs, fails));
          const counting = failures.filter((atMs) => nowMs - atMs < rules.windowMs).length;
          const opens = fails && counting >= rules.threshold;
          expect(circuit.kind).toBe(opens ? "OPEN" : "CLOSED");
          if (opens) return;
          expect(failuresInWindow(rules, circuit, nowMs)).toBe(counting);
        }
      }),
      { numRuns: 500 },
    );
  });
});

/** What a caller, time or a person can do to a circuit; `pick` chooses among the calls that still run. */
const stepArbitrary = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ do: "start" } as const) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("end" as const),
      pick: fc.nat(),
      how: fc.integer({ min: 0, max: 2 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: 0, max: 60 }) }),
  },
  { weight: 1, arbitrary: fc.constant({ do: "isolate" } as const) },
  { weight: 1, arbitrary: fc.constant({ do: "release" } as const) },
);

describe("any circuit under any sequence of events", () => {
  test("keeps its promises", () => {
    fc.assert(
      fc.property(rulesArbitrary, fc.array(stepArbitrary, { maxLength: 120 }), (rules, steps) => {
        const world = createWorld(rules);
        for (const step of steps) {
          const before = world.circuit();
          const event = world.eventOf(step);
          if (!event) continue;
          world.apply(event);
          expect(brokenPromises({ rules, before, event, after: world.circuit() })).toEqual([]);
          expect(world.probesRunning()).toBeLessThanOrEqual(rules.probes);
        }
      }),
      { numRuns: 500 },
    );
  });
});

type Step = typeof stepArbitrary extends fc.Arbitrary<infer T> ? T : never;

/** A circuit with the calls that it admitted and that have not ended; late ones included. */
function createWorld(rules: CircuitRules) {
  let circuit: Circuit = closedCircuit;
  let nowMs = 0;
  const running: number[] = [];
  return {
    circuit: () => circuit,
    probesRunning: () =>
      circuit.kind === "HALF_OPEN"
        ? running.filter((generation) => generation === circuit.generation).length
        : 0,
    apply: (event: CircuitEvent) => {
      if (event.type === "call-started") running.push(circuit.generation);
      circuit = nextCircuit(rules, circuit, event);
    },
    eventOf: (step: Step): CircuitEvent | undefined => {
      switch (step.do) {
        case "start":
          return admits(rules, circuit) ? { type: "call-started", atMs: nowMs } : undefined;
        case "end": {
          if (running.length === 0) return undefined;
          const [generation = 0] = running.splice(step.pick % running.length, 1);
          if (step.how === 2) return { type: "call-irrelevant", generation, atMs: nowMs };
          return endOf(generation, nowMs, step.how === 1);
        }
        case "wait":
          nowMs += step.ms;
          return { type: "time-passed", atMs: nowMs };
        case "isolate":
          return { type: "isolated", atMs: nowMs, cause: "a person" };
        case "release":
          return { type: "released", atMs: nowMs };
        default:
          return step satisfies never;
      }
    },
  };
}

interface Change {
  rules: CircuitRules;
  before: Circuit;
  event: CircuitEvent;
  after: Circuit;
}

/** Promises by name, each true when a change of state keeps it. */
const promises: Record<string, (change: Change) => boolean> = {
  "a new kind of state is a new generation, and the other way round": ({ before, event, after }) =>
    after.generation === before.generation + Number(after.kind !== before.kind || event.type === "isolated"),
  "the end of a call that an earlier state admitted changes nothing": ({ before, event, after }) =>
    !("generation" in event) || event.generation === before.generation || after === before,
  "only a release ends an isolation": ({ before, event, after }) =>
    before.kind !== "ISOLATED" || event.type === "released" || after.kind === "ISOLATED",
  "an open circuit is half-open exactly when its time has come": ({ before, event, after }) =>
    before.kind !== "OPEN" ||
    event.type !== "time-passed" ||
    (after.kind === "HALF_OPEN") === event.atMs >= before.probeAtMs,
  "only a failed call opens, for a time within the rules": ({ rules, before, event, after }) =>
    after.kind !== "OPEN" ||
    before.kind === "OPEN" ||
    (event.type === "call-failed" && isWithin(after.probeAtMs - event.atMs, rules.openMs, rules.openMaxMs)),
  "only a success closes a half-open circuit": ({ before, event, after }) =>
    before.kind !== "HALF_OPEN" || after.kind !== "CLOSED" || event.type === "call-succeeded",
};

const isWithin = (value: number, min: number, max: number) => value >= min && value <= max;

const brokenPromises = (change: Change): string[] =>
  Object.keys(promises).filter((name) => promises[name]?.(change) !== true);

const endOf = (generation: number, atMs: number, fails: boolean): CircuitEvent =>
  fails
    ? { type: "call-failed", generation, atMs, cause: "it broke", jitter: 0.5, retryAfterMs: 0 }
    : { type: "call-succeeded", generation, atMs };
