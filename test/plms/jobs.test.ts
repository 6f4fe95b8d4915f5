import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { startJob } from "../../subgraphs/plms/jobs/job.ts";
import type { Rounds } from "../../subgraphs/kit/rounds.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { quietLog } from "../support/quiet-log.ts";
import { waitFor } from "../../lib/wait.ts";

const HOUR_MS = 3_600_000;

describe("a background job", () => {
  let database: TestDatabase;
  let job: Rounds;
  const round = vi.fn<() => Promise<void>>(async () => {});
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.close());
  beforeEach(() => void round.mockClear());
  afterEach(() => job.close());
  const start = (paces: { everyMs: number; spacingMs?: number }) => {
    job = startJob({ name: "a-test", round, ...paces }, { db: database.db, log: quietLog });
  };
  const rounds = (count: number) =>
    waitFor(() => round.mock.calls.length >= count, { what: `${count} rounds`, timeoutMs: 20_000 });

  test("comes again after its pause, also when a round failed", async () => {
    round.mockRejectedValueOnce(new Error("no"));
    start({ everyMs: 10 });
    await rounds(3);
    await expect(round.mock.results[0]?.value).rejects.toThrow("no");
  });

  test("comes soon when it is told that there is work, also when it is told during a round", async () => {
    round.mockImplementationOnce(async () => job.soon());
    start({ everyMs: HOUR_MS });
    job.soon();
    await rounds(2);
    expect(round).toHaveBeenCalledTimes(2);
  });

  test("keeps its distance, however often it is told", async () => {
    const spacingMs = 50;
    const atMs: number[] = [];
    round.mockImplementation(async () => void atMs.push(performance.now()));
    start({ everyMs: HOUR_MS, spacingMs });
    const telling = setInterval(() => job.soon(), 1);
    await rounds(3);
    clearInterval(telling);
    // Timers count from when the loop's turn began: on a loaded machine they are some milliseconds early.
    for (const [index, at] of atMs.slice(1).entries())
      expect(at - (atMs[index] ?? 0)).toBeGreaterThan(spacingMs / 2);
    round.mockReset();
  });
});
