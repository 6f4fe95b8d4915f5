import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createObservations } from "../../../subgraphs/catalog/plm/adapters/observations.ts";
import { readPlmHistory, type AskedHistory } from "../../../subgraphs/catalog/plm/operations/health.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { quietLog } from "../../support/quiet-log.ts";
import { createManualClock } from "../support.ts";

const MINUTE_MS = 60_000;

describe("the history of the PLM", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.close());

  const start = async () => {
    await database.db.deleteFrom("catalog.plm_counters").execute();
    const clock = createManualClock();
    const observations = createObservations(database.db, { clock, log: quietLog });
    const ask = (asked: AskedHistory) => readPlmHistory({ clock, observations }, asked);
    return { clock, observations, ask, read: (hours: number) => ask({ hours }) };
  };

  test("has a point a minute over an hour, the newest last, and nulls where nothing was counted", async () => {
    const { clock, observations, read } = await start();
    observations.add("call", "OK");
    observations.add("call", "TIMEOUT");
    clock.advance(2 * MINUTE_MS);
    observations.add("call", "OK");
    const points = await read(1);
    expect(points).toHaveLength(60);
    expect(points.slice(-3).map(({ calls, failures, errorRate }) => [calls, failures, errorRate])).toEqual([
      [2, 1, 0.5],
      [0, 0, null],
      [1, 0, 0],
    ]);
    expect(points.at(-1)?.to).toEqual(clock.now());
    expect(points.at(-2)?.to).toEqual(points.at(-1)?.from);
    await observations.close();
  });

  test("adds up what falls into the same step, and leaves out what is older", async () => {
    const { clock, observations, read } = await start();
    observations.add("call", "OK");
    clock.advance(25 * 60 * MINUTE_MS);
    observations.add("call", "OK");
    clock.advance(MINUTE_MS);
    observations.add("call", "OK");
    const day = await read(24);
    expect(day.at(-1)?.calls).toBe(2);
    expect(day.reduce((sum, { calls }) => sum + calls, 0)).toBe(2);
    const twoDays = await read(48);
    expect(twoDays.reduce((sum, { calls }) => sum + calls, 0)).toBe(3);
    await observations.close();
  });

  test("of a span in the past has what was counted in it and nothing else, in steps of whole minutes", async () => {
    const { clock, observations, ask } = await start();
    const begin = clock.now();
    for (let minute = 0; minute < 200; minute += 1) {
      observations.add("call", "OK");
      clock.advance(MINUTE_MS);
    }
    const at = (minutes: number) => new Date(begin.getTime() + minutes * MINUTE_MS);
    const quarter = await ask({ from: at(10), to: at(24) });
    expect(quarter.map(({ calls }) => calls)).toEqual(Array.from({ length: 15 }, () => 1));
    const long = await ask({ from: at(0), to: at(149) });
    expect(long).toHaveLength(50);
    expect(long.every(({ calls }) => calls === 3)).toBe(true);
    expect([long[0]?.from, long.at(-1)?.to]).toEqual([at(0), at(149)]);
    await observations.close();
  });

  test("refuses to begin before what is kept, and to end before it begins", async () => {
    const { clock, observations, ask } = await start();
    const before = (hours: number) => new Date(clock.now().getTime() - hours * 60 * MINUTE_MS);
    await expect(ask({ from: before(337) })).rejects.toMatchObject({ message: /from.*the last 336 hours/s });
    await expect(ask({ from: before(1), to: before(2) })).rejects.toMatchObject({
      message: /to.*after from/s,
    });
    await observations.close();
  });

  test.each([0, 337])("refuses %d hours and says what is allowed", async (hours) => {
    const { observations, read } = await start();
    await expect(read(hours)).rejects.toMatchObject({ code: "BAD_USER_INPUT", message: /hours.*1 to 336/s });
    await observations.close();
  });
});
