import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { startRounds } from "../../subgraphs/kit/rounds.ts";

describe("work in rounds", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("goes on again and again, whether the last round failed or not, until it is closed", async () => {
    const failures: unknown[] = [];
    const round = vi.fn<() => Promise<void>>().mockRejectedValueOnce(new Error("no")).mockResolvedValue();
    const rounds = startRounds({ everyMs: 1_000, round, onError: (error) => failures.push(error) });
    await vi.advanceTimersByTimeAsync(3_000);
    expect(round).toHaveBeenCalledTimes(3);
    expect(failures).toHaveLength(1);
    void rounds.close();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(round).toHaveBeenCalledTimes(3);
  });

  test("waits for a slow round before it counts the time to the next", async () => {
    const round = vi.fn<() => Promise<void>>(() => new Promise((resolve) => setTimeout(resolve, 5_000)));
    const rounds = startRounds({ everyMs: 1_000, round, onError: () => {} });
    await vi.advanceTimersByTimeAsync(6_500);
    expect(round).toHaveBeenCalledTimes(1);
    void rounds.close();
  });

  test("is done every second while it is urgent, and at its own pace again afterwards", async () => {
    let isUrgent = false;
    const round = vi.fn<() => Promise<void>>(async () => {});
    const rounds = startRounds({ everyMs: 10_000, isUrgent: () => isUrgent, round, onError: () => {} });
    await vi.advanceTimersByTimeAsync(9_000);
    isUrgent = true;
    await vi.advanceTimersByTimeAsync(4_000);
    expect(round).toHaveBeenCalledTimes(4);
    isUrgent = false;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(round).toHaveBeenCalledTimes(5);
    void rounds.close();
  });

  test("is never done at an interval of 0", async () => {
    const round = vi.fn<() => Promise<void>>(async () => {});
    startRounds({ everyMs: 0, round, onError: () => {} });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(round).not.toHaveBeenCalled();
  });

  test("that is wanted soon begins after the shortest pause, and once for many who want it", async () => {
    const round = vi.fn<() => Promise<void>>(async () => {});
    const rounds = startRounds({ everyMs: 60_000, spacingMs: 1_000, round, onError: () => {} });
    await vi.advanceTimersByTimeAsync(5_000);
    rounds.soon();
    rounds.soon();
    await vi.advanceTimersByTimeAsync(1);
    expect(round).toHaveBeenCalledTimes(1);
    rounds.soon();
    await vi.advanceTimersByTimeAsync(900);
    expect(round).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(100);
    expect(round).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(59_000);
    expect(round).toHaveBeenCalledTimes(2);
    await rounds.close();
  });

  test("that is wanted during a round is done once more after it", async () => {
    const round = vi.fn<() => Promise<void>>(() => new Promise((resolve) => setTimeout(resolve, 5_000)));
    const rounds = startRounds({ everyMs: 60_000, round, onError: () => {} });
    rounds.soon();
    await vi.advanceTimersByTimeAsync(1_000);
    rounds.soon();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(round).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(round).toHaveBeenCalledTimes(2);
    await rounds.close();
  });

  test("is over when the last round is", async () => {
    const events: string[] = [];
    const round = async () => {
      await new Promise((resolve) => setTimeout(resolve, 5_000));
      events.push("round over");
    };
    const rounds = startRounds({ everyMs: 1_000, round, onError: () => {} });
    await vi.advanceTimersByTimeAsync(2_000);
    const closing = rounds.close().then(() => events.push("closed"));
    await vi.advanceTimersByTimeAsync(10_000);
    await closing;
    expect(events).toEqual(["round over", "closed"]);
  });
});
