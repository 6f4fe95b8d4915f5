import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { systemClock } from "../../lib/clock.ts";
import {
  CircuitOpenError,
  createCircuitBreaker,
  type CircuitBreaker,
  type CircuitTransition,
} from "../../lib/circuit-breaker.ts";
import { quietLog } from "../support/quiet-log.ts";

const RULES = { threshold: 5, windowMs: 30_000, openMs: 10_000, openMaxMs: 120_000, probes: 3 };

class Irrelevant extends Error {}

function start(probe: () => Promise<unknown> = async () => undefined) {
  const transitions: CircuitTransition[] = [];
  const breaker = createCircuitBreaker(
    { name: "plm", rules: RULES, slowCallMs: 500 },
    {
      clock: systemClock,
      log: quietLog,
      random: () => 0,
      judge: (error) => ({ counts: !(error instanceof Irrelevant) }),
      probe,
      onTransition: (transition) => transitions.push(transition),
      onFollowed: () => {},
    },
  );
  onTestFinished(() => breaker.close());
  return { breaker, transitions, moves: () => transitions.map(({ from, to }) => `${from} > ${to}`) };
}

const fail = () => Promise.reject(new Error("it broke"));
const succeed = async () => "fine";

async function failTimes(breaker: CircuitBreaker, times: number): Promise<void> {
  for (let call = 0; call < times; call += 1) await expect(breaker.run(fail)).rejects.toThrow("it broke");
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.setSystemTime("2026-01-31T08:00:00.000Z");
});
afterEach(() => vi.useRealTimers());

describe("a circuit breaker", () => {
  test("passes results and errors on while it is closed", async () => {
    const { breaker } = start();
    await expect(breaker.run(succeed)).resolves.toBe("fine");
    await failTimes(breaker, 4);
    expect(breaker.snapshot()).toMatchObject({
      state: "CLOSED",
      failuresInWindow: 4,
      cause: null,
      openedAt: null,
    });
  });

  test("opens at the fifth failure and says since when, why, and until when", async () => {
    const { breaker, transitions } = start();
    await failTimes(breaker, 5);
    const openedAt = new Date("2026-01-31T08:00:00.000Z");
    expect(breaker.snapshot()).toEqual({
      name: "plm",
      state: "OPEN",
      failuresInWindow: 0,
      threshold: 5,
      windowSeconds: 30,
      openedAt,
      nextProbeAt: new Date("2026-01-31T08:00:10.000Z"),
      cause: "it broke",
      version: "1",
    });
    expect(transitions).toEqual([
      { circuit: "plm", from: "CLOSED", to: "OPEN", cause: "it broke", at: openedAt },
    ]);
  });

  test("refuses at once while it is open, without making the call", async () => {
    const { breaker } = start();
    await failTimes(breaker, 5);
    const call = vi.fn<() => Promise<unknown>>(succeed);
    const refusal = await breaker.run(call).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(CircuitOpenError);
    expect(refusal).toMatchObject({ retryAfterMs: 10_000 });
    expect(call).not.toHaveBeenCalled();
  });

  test("closes by itself without any traffic when the other side is well again", async () => {
    const probe = vi.fn<() => Promise<unknown>>(succeed);
    const { breaker, moves } = start(probe);
    await failTimes(breaker, 5);
    await vi.advanceTimersByTimeAsync(9_999);
    expect(probe).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(100);
    expect(breaker.snapshot()).toMatchObject({ state: "CLOSED", openedAt: null, nextProbeAt: null });
    expect(probe).toHaveBeenCalledTimes(3);
    expect(moves()).toEqual(["CLOSED > OPEN", "OPEN > HALF_OPEN", "HALF_OPEN > CLOSED"]);
  });

  test("asks an ill side once per opening, less and less often, and keeps the time of the first opening", async () => {
    const probe = vi.fn<() => Promise<unknown>>(fail);
    const { breaker } = start(probe);
    await failTimes(breaker, 5);
    await vi.advanceTimersByTimeAsync(10_100);
    expect(probe).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(20_100);
    expect(probe).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(40_100);
    expect(probe).toHaveBeenCalledTimes(3);
    expect(breaker.snapshot()).toMatchObject({
      state: "OPEN",
      openedAt: new Date("2026-01-31T08:00:00.000Z"),
    });
  });

  test("tries again later when the probes prove nothing", async () => {
    const probe = vi.fn<() => Promise<unknown>>(() => Promise.reject(new Irrelevant()));
    const { breaker } = start(probe);
    await failTimes(breaker, 5);
    await vi.advanceTimersByTimeAsync(10_100);
    expect(breaker.snapshot().state).toBe("HALF_OPEN");
    probe.mockImplementation(succeed);
    await vi.advanceTimersByTimeAsync(10_100);
    expect(breaker.snapshot().state).toBe("CLOSED");
  });

  test("lets three callers through while half-open and refuses the others at once", async () => {
    const { breaker } = start(() => new Promise(() => {}));
    await failTimes(breaker, 5);
    await vi.advanceTimersByTimeAsync(10_000);
    const gate = Promise.withResolvers<string>();
    const calls = Array.from({ length: 50 }, () =>
      breaker.run(() => gate.promise).catch((error: unknown) => error),
    );
    gate.resolve("fine");
    const results = await Promise.all(calls);
    expect(results.filter((result) => result === "fine")).toHaveLength(3);
    expect(results.filter((result) => result instanceof CircuitOpenError)).toHaveLength(47);
    expect(breaker.snapshot().state).toBe("CLOSED");
  });

  test("ignores a call that began before it opened and fails while it is probing", async () => {
    const { breaker } = start(() => new Promise(() => {}));
    const slow = Promise.withResolvers<never>();
    const lateCall = breaker.run(() => slow.promise).catch(() => "late");
    await failTimes(breaker, 5);
    await vi.advanceTimersByTimeAsync(10_100);
    expect(breaker.snapshot().state).toBe("HALF_OPEN");
    slow.reject(new Error("too late"));
    await expect(lateCall).resolves.toBe("late");
    expect(breaker.snapshot().state).toBe("HALF_OPEN");
  });

  test("does not count failures that say nothing about the other side", async () => {
    const { breaker } = start();
    for (let call = 0; call < 10; call += 1) {
      await expect(breaker.run(() => Promise.reject(new Irrelevant()))).rejects.toBeInstanceOf(Irrelevant);
    }
    expect(breaker.snapshot()).toMatchObject({ state: "CLOSED", failuresInWindow: 0 });
  });

  test("probes no more once it is closed for good", async () => {
    const probe = vi.fn<() => Promise<unknown>>(succeed);
    const { breaker } = start(probe);
    await failTimes(breaker, 5);
    breaker.close();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(probe).not.toHaveBeenCalled();
  });
});

describe("a slow call", () => {
  const slow = async () => {
    await vi.advanceTimersByTimeAsync(501);
    return "late";
  };

  test("counts as failed, although its result is passed on", async () => {
    const { breaker } = start();
    await expect(breaker.run(slow)).resolves.toBe("late");
    expect(breaker.snapshot()).toMatchObject({ state: "CLOSED", failuresInWindow: 1 });
    for (let call = 0; call < 4; call += 1) await breaker.run(slow);
    expect(breaker.snapshot()).toMatchObject({ state: "OPEN", cause: "slow: an answer took 501 ms" });
  });
});

describe("a circuit that a person isolates", () => {
  test("refuses every call and stays so however much time passes, until it is released", async () => {
    const { breaker, moves } = start();
    breaker.isolate("ada: maintenance");
    await vi.advanceTimersByTimeAsync(600_000);
    await expect(breaker.run(succeed)).rejects.toThrow(CircuitOpenError);
    expect(breaker.snapshot()).toMatchObject({ state: "ISOLATED", cause: "ada: maintenance" });
    breaker.release();
    await expect(breaker.run(succeed)).resolves.toBe("fine");
    expect(moves()).toEqual(["CLOSED > ISOLATED", "ISOLATED > CLOSED"]);
  });

  test("is not released when it is merely open", async () => {
    const { breaker } = start();
    await failTimes(breaker, 5);
    breaker.release();
    expect(breaker.snapshot()).toMatchObject({ state: "OPEN" });
  });
});

describe("a circuit that follows another replica", () => {
  test("opens and closes with it, and tells nobody of it", async () => {
    const [first, second] = [start(), start()];
    await failTimes(first.breaker, 5);
    second.breaker.follow(first.breaker.shared());
    await expect(second.breaker.run(succeed)).rejects.toThrow(CircuitOpenError);
    await vi.advanceTimersByTimeAsync(10_100);
    expect(first.breaker.snapshot()).toMatchObject({ state: "CLOSED" });
    second.breaker.follow(first.breaker.shared());
    await expect(second.breaker.run(succeed)).resolves.toBe("fine");
    expect(first.moves()).toContain("HALF_OPEN > CLOSED");
  });

  test("waits while the other one probes", async () => {
    const [first, second] = [start(() => new Promise(() => {})), start()];
    await failTimes(first.breaker, 5);
    await vi.advanceTimersByTimeAsync(10_100);
    expect(first.breaker.snapshot()).toMatchObject({ state: "HALF_OPEN" });
    second.breaker.follow(first.breaker.shared());
    expect(second.breaker.snapshot()).toMatchObject({ state: "OPEN" });
  });
});
