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

const rules: CircuitRules = { threshold: 5, windowMs: 30_000, openMs: 10_000, openMaxMs: 120_000, probes: 3 };

const failed = (
  circuit: Circuit,
  atMs: number,
  more: { jitter?: number; retryAfterMs?: number } = {},
): CircuitEvent => ({
  type: "call-failed",
  generation: circuit.generation,
  atMs,
  cause: "it broke",
  jitter: 0,
  retryAfterMs: 0,
  ...more,
});
const succeeded = (circuit: Circuit, atMs: number): CircuitEvent => ({
  type: "call-succeeded",
  generation: circuit.generation,
  atMs,
});

/** Runs calls that end at the given moments, F for failed and S for succeeded. */
function play(ends: readonly (readonly ["F" | "S", number])[], from: Circuit = closedCircuit): Circuit {
  return ends.reduce<Circuit>(
    (circuit, [end, atMs]) => nextCircuit(rules, circuit, (end === "F" ? failed : succeeded)(circuit, atMs)),
    from,
  );
}

const at = (end: "F" | "S", count: number, everyMs: number, fromMs = 0) =>
  Array.from({ length: count }, (_, index) => [end, fromMs + index * everyMs] as const);

function openedAt(atMs: number): Circuit {
  return play(at("F", 5, 0, atMs));
}

function halfOpenedAt(atMs: number): Circuit {
  return nextCircuit(rules, openedAt(atMs - 10_000), { type: "time-passed", atMs });
}

describe("a closed circuit with 5 failures in 30 s", () => {
  test("opens at the fifth of 5 failures in 4 s", () => {
    expect(play(at("F", 4, 1000)).kind).toBe("CLOSED");
    expect(play(at("F", 5, 1000)).kind).toBe("OPEN");
  });

  test("stays closed for 5 failures over 40 s", () => {
    expect(play(at("F", 5, 10_000)).kind).toBe("CLOSED");
  });

  test("opens for 5 failures among 20 successes in 10 s", () => {
    const ends = [...at("S", 20, 500), ...at("F", 5, 2000, 250)].sort(([, a], [, b]) => a - b);
    expect(play(ends).kind).toBe("OPEN");
  });

  test("opens for 5 failures after 1000 successes", () => {
    expect(play([...at("S", 1000, 10), ...at("F", 5, 100, 10_000)]).kind).toBe("OPEN");
  });

  test("forgets a failure exactly when it is 30 s old", () => {
    expect(play([...at("F", 4, 0), ["F", 29_999]]).kind).toBe("OPEN");
    expect(play([...at("F", 4, 0), ["F", 30_000]]).kind).toBe("CLOSED");
  });

  test("tells how many failures count at the moment", () => {
    const circuit = play(at("F", 3, 10_000));
    expect([20_000, 30_000, 40_000, 50_000].map((nowMs) => failuresInWindow(rules, circuit, nowMs))).toEqual([
      3, 2, 1, 0,
    ]);
    expect(failuresInWindow(rules, openedAt(0), 0)).toBe(0);
  });

  test("does not count calls that say nothing about the other side", () => {
    const irrelevant: CircuitEvent = { type: "call-irrelevant", generation: 0, atMs: 0 };
    const circuit = Array.from({ length: 50 }).reduce<Circuit>(
      (now) => nextCircuit(rules, now, irrelevant),
      closedCircuit,
    );
    expect(circuit).toEqual(closedCircuit);
  });
});

describe("an open circuit", () => {
  test("admits nobody, until its time has come", () => {
    const circuit = openedAt(1000);
    expect(admits(rules, circuit)).toBe(false);
    expect(nextCircuit(rules, circuit, { type: "time-passed", atMs: 10_999 })).toBe(circuit);
    expect(nextCircuit(rules, circuit, { type: "time-passed", atMs: 11_000 }).kind).toBe("HALF_OPEN");
  });

  test("ignores calls that began before it opened", () => {
    const circuit = openedAt(0);
    expect(nextCircuit(rules, circuit, failed(closedCircuit, 500))).toBe(circuit);
    expect(nextCircuit(rules, circuit, succeeded(closedCircuit, 500))).toBe(circuit);
  });

  test("stays open at least as long as the other side asked, within the maximum", () => {
    const asked = (retryAfterMs: number) =>
      nextCircuit({ ...rules, threshold: 1 }, closedCircuit, failed(closedCircuit, 0, { retryAfterMs }));
    expect(asked(3_000)).toMatchObject({ probeAtMs: 10_000 });
    expect(asked(45_000)).toMatchObject({ probeAtMs: 45_000 });
    expect(asked(3_600_000)).toMatchObject({ probeAtMs: 120_000 });
  });

  test("is lengthened by up to a quarter, so that replicas do not probe in step", () => {
    const opened = (jitter: number) =>
      nextCircuit({ ...rules, threshold: 1 }, closedCircuit, failed(closedCircuit, 0, { jitter }));
    expect([0, 0.5, 1].map((jitter) => opened(jitter))).toMatchObject([
      { probeAtMs: 10_000 },
      { probeAtMs: 11_250 },
      { probeAtMs: 12_500 },
    ]);
  });

  test("waits twice as long after each failed probe, up to the maximum", () => {
    let circuit = openedAt(0);
    const waitsMs: number[] = [];
    for (let opening = 0; opening < 6; opening += 1) {
      if (circuit.kind !== "OPEN") throw new Error(`expected OPEN, got ${circuit.kind}`);
      const atMs = circuit.probeAtMs;
      waitsMs.push(atMs);
      circuit = nextCircuit(rules, circuit, { type: "time-passed", atMs });
      circuit = nextCircuit(rules, circuit, { type: "call-started", atMs });
      circuit = nextCircuit(rules, circuit, failed(circuit, atMs));
    }
    const durations = waitsMs.map((atMs, index) => atMs - (waitsMs[index - 1] ?? 0));
    expect(durations).toEqual([10_000, 20_000, 40_000, 80_000, 120_000, 120_000]);
  });
});

describe("a half-open circuit", () => {
  const started = (circuit: Circuit, count: number) =>
    Array.from({ length: count }).reduce<Circuit>(
      (now) => nextCircuit(rules, now, { type: "call-started", atMs: 10_000 }),
      circuit,
    );

  test("admits three probes and refuses everybody else", () => {
    const circuit = halfOpenedAt(10_000);
    expect([0, 1, 2, 3].map((count) => admits(rules, started(circuit, count)))).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });

  test("closes after three successes and forgets what was", () => {
    const circuit = play(at("S", 3, 100, 10_000), started(halfOpenedAt(10_000), 3));
    expect(circuit).toMatchObject({ kind: "CLOSED", failuresAtMs: [] });
    expect(play(at("F", 4, 1, 10_400), circuit).kind).toBe("CLOSED");
  });

  test("opens again at the first failure", () => {
    expect(
      play(
        [
          ["S", 10_001],
          ["S", 10_002],
          ["F", 10_003],
        ],
        started(halfOpenedAt(10_000), 3),
      ),
    ).toMatchObject({
      kind: "OPEN",
      openings: 2,
      probeAtMs: 30_003,
    });
  });

  test("gives the place of a probe that proved nothing to the next one", () => {
    const busy = started(halfOpenedAt(10_000), 3);
    const circuit = nextCircuit(rules, busy, {
      type: "call-irrelevant",
      generation: busy.generation,
      atMs: 10_001,
    });
    expect(circuit.kind).toBe("HALF_OPEN");
    expect(admits(rules, circuit)).toBe(true);
  });
});

describe("an isolated circuit", () => {
  const isolated = nextCircuit(rules, closedCircuit, { type: "isolated", atMs: 0, cause: "maintenance" });

  test("admits nobody, whatever time passes, until it is released", () => {
    expect(admits(rules, isolated)).toBe(false);
    expect(nextCircuit(rules, isolated, { type: "time-passed", atMs: 1e9 })).toBe(isolated);
    expect(nextCircuit(rules, isolated, { type: "released", atMs: 1 }).kind).toBe("CLOSED");
  });

  test("is the only one that can be released", () => {
    const circuit = openedAt(0);
    expect(nextCircuit(rules, circuit, { type: "released", atMs: 1 })).toBe(circuit);
  });
});

describe("a circuit whose successes forgive", () => {
  const forgiving: CircuitRules = { ...rules, successForgives: true };
  const run = (ends: string) =>
    ends
      .split("")
      .reduce<Circuit>(
        (circuit, end, atMs) =>
          nextCircuit(forgiving, circuit, (end === "F" ? failed : succeeded)(circuit, atMs)),
        closedCircuit,
      );

  test("stays closed while no more calls fail than succeed", () => {
    expect(run("FS".repeat(1_000)).kind).toBe("CLOSED");
    expect(run(`${"S".repeat(1_000)}FFFF`).kind).toBe("CLOSED");
  });

  test("opens when failures outnumber successes by the threshold", () => {
    expect(run("FFSFFSFF").kind).toBe("CLOSED");
    expect(run("FFSFFSFFF").kind).toBe("OPEN");
  });

  test("saves no successes up for a later outage", () => {
    expect(run(`${"S".repeat(1_000)}FFFFF`).kind).toBe("OPEN");
  });
});
