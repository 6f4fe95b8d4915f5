import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createPace } from "../../dashboard/src/graphql/pace.ts";

describe("the pace of the page", () => {
  const [gauge, circuit] = [{}, {}];
  let told: string[] = [];
  const tell = (text: string) => () => void told.push(text);
  beforeEach(() => {
    told = [];
    vi.useFakeTimers();
  });
  afterEach(() => vi.useRealTimers());

  test("hands on at once what comes after a silence", () => {
    const pace = createPace(250);
    pace.hand(gauge, tell("1 USD"));
    expect(told).toEqual(["1 USD"]);
    vi.advanceTimersByTime(1_000);
    pace.hand(gauge, tell("2 USD"));
    expect(told).toEqual(["1 USD", "2 USD"]);
  });

  test("hands on the newest of each source, all together, when much happens", () => {
    const pace = createPace(250);
    pace.hand(gauge, tell("1 USD"));
    pace.hand(gauge, tell("2 USD"));
    pace.hand(circuit, tell("open"));
    pace.hand(gauge, tell("3 USD"));
    vi.advanceTimersByTime(249);
    expect(told).toEqual(["1 USD"]);
    vi.advanceTimersByTime(1);
    expect(told).toEqual(["1 USD", "3 USD", "open"]);
    pace.hand(circuit, tell("closed"));
    expect(told).toHaveLength(3);
    vi.advanceTimersByTime(250);
    expect(told.at(-1)).toBe("closed");
  });

  test("forgets what is no longer looked at, and is still when nothing happens", () => {
    const pace = createPace(250);
    pace.hand(gauge, tell("1 USD"));
    pace.hand(gauge, tell("2 USD"));
    pace.forget(gauge);
    vi.advanceTimersByTime(250);
    expect(told).toEqual(["1 USD"]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
