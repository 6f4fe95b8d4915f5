import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createPoller } from "../../subgraphs/kit/poller.ts";

describe("a poller", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("polls again and again, whether the last poll failed or not, until it is closed", async () => {
    const failures: unknown[] = [];
    const poll = vi.fn<() => Promise<void>>().mockRejectedValueOnce(new Error("no")).mockResolvedValue();
    const poller = createPoller({ intervalMs: 1_000, poll, onError: (error) => failures.push(error) });
    await vi.advanceTimersByTimeAsync(3_000);
    expect(poll).toHaveBeenCalledTimes(3);
    expect(failures).toHaveLength(1);
    poller.close();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(poll).toHaveBeenCalledTimes(3);
  });

  test("waits for a slow poll before it counts the time to the next", async () => {
    const poll = vi.fn<() => Promise<void>>(() => new Promise((resolve) => setTimeout(resolve, 5_000)));
    const poller = createPoller({ intervalMs: 1_000, poll, onError: () => {} });
    await vi.advanceTimersByTimeAsync(6_500);
    expect(poll).toHaveBeenCalledTimes(1);
    poller.close();
  });

  test("polls every second while it is urgent, and at its own pace again afterwards", async () => {
    let isUrgent = false;
    const poll = vi.fn<() => Promise<void>>(async () => {});
    const poller = createPoller({ intervalMs: 10_000, isUrgent: () => isUrgent, poll, onError: () => {} });
    await vi.advanceTimersByTimeAsync(9_000);
    isUrgent = true;
    await vi.advanceTimersByTimeAsync(4_000);
    expect(poll).toHaveBeenCalledTimes(4);
    isUrgent = false;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(poll).toHaveBeenCalledTimes(5);
    poller.close();
  });

  test("never polls at an interval of 0", async () => {
    const poll = vi.fn<() => Promise<void>>(async () => {});
    createPoller({ intervalMs: 0, poll, onError: () => {} });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(poll).not.toHaveBeenCalled();
  });
});
