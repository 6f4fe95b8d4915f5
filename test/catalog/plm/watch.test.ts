import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createPlmAlerts } from "../../../subgraphs/catalog/plm/adapters/alerts.ts";
import { createObservations } from "../../../subgraphs/catalog/plm/adapters/observations.ts";
import { DEFAULT_THRESHOLDS } from "../../../subgraphs/catalog/plm/domain/alert-thresholds.ts";
import type { PlmMode, PlmSwitch } from "../../../subgraphs/catalog/products/domain/modes.ts";
import type { ChangeMode, PlmModes } from "../../../subgraphs/catalog/products/operations/ports.ts";
import type { PlmAlert } from "../../../subgraphs/catalog/plm/operations/ports.ts";
import { watchPlm } from "../../../subgraphs/catalog/plm/operations/watch.ts";
import { CodedError } from "../../../lib/errors.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { quietLog } from "../../support/quiet-log.ts";
import { createManualClock } from "../support.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.db.deleteFrom("catalog.plm_counters").execute();
  await database.db.deleteFrom("catalog.plm_alerts").execute();
});

function start(options: { autoRollback?: boolean; mode?: PlmMode; conflicts?: boolean } = {}) {
  const { autoRollback = false, mode = "ENABLED", conflicts = false } = options;
  const clock = createManualClock();
  const observations = createObservations(database.db, { clock, log: quietLog });
  const told: string[] = [];
  const changes: ChangeMode[] = [];
  let current: PlmSwitch = {
    mode,
    models: [],
    cause: "PERSON",
    reason: "test",
    changedBy: "ada",
    changedAt: new Date(clock.now().getTime() - 3_600_000),
    version: 7,
  };
  const modes: PlmModes = {
    isConnected: true,
    current: () => current,
    change: async (next) => {
      if (conflicts) throw new CodedError("CONFLICT", "somebody was first");
      changes.push(next);
      current = { ...current, ...next, changedAt: clock.now(), version: 8 };
      return current;
    },
    changes: async () => [],
    watch: () => {
      throw new Error("not watched here");
    },
  };
  const watch = () =>
    watchPlm({
      modes,
      circuits: { snapshot: () => undefined },
      observations,
      diffs: { confirmedCritical: async () => 0 },
      alerts: createPlmAlerts(database.db),
      leftovers: { counts: async () => ({ rejected: 0, unknownFields: 0 }) },
      thresholds: DEFAULT_THRESHOLDS,
      clock,
      autoRollback,
      maintenance: [],
      onAlert: (alert: PlmAlert) => told.push(`${alert.kind} ${alert.state}`),
    });
  const fail = (count: number) => {
    for (let call = 0; call < count; call += 1) observations.add("call", "UNAVAILABLE");
  };
  const succeed = (count: number) => {
    for (let call = 0; call < count; call += 1) observations.add("call", "OK");
  };
  return { clock, watch, fail, succeed, told, changes };
}

describe("watching the PLM", () => {
  test("raises an alert once, keeps it, and resolves it when it is over", async () => {
    const { clock, watch, fail, told } = start({ mode: "SHADOW" });
    fail(100);
    await watch();
    await watch();
    expect(told).toEqual(["PLM_AVAILABILITY FIRING"]);
    clock.advance(12 * 60_000);
    await watch();
    expect(told).toEqual(["PLM_AVAILABILITY FIRING", "PLM_AVAILABILITY RESOLVED"]);
    const [alert] = await createPlmAlerts(database.db).list("RESOLVED");
    expect(alert).toMatchObject({
      kind: "PLM_AVAILABILITY",
      severity: "WARNING",
      subject: "plm",
      value: 0,
      threshold: 0.99,
      message: "The PLM answered 0 % of the calls of the last 5 minutes",
      resolvedAt: clock.now(),
    });
  });

  test("tells of an alert once, however many replicas watch", async () => {
    const [first, second] = [start({ mode: "SHADOW" }), start({ mode: "SHADOW" })];
    first.fail(100);
    await first.watch();
    await second.watch();
    expect([...first.told, ...second.told]).toEqual(["PLM_AVAILABILITY FIRING"]);
  });

  test("steps back from enabled to shadow by itself when that is wanted, and says why", async () => {
    const { watch, fail, changes } = start({ autoRollback: true });
    fail(100);
    await watch();
    await watch();
    expect(changes).toEqual([
      expect.objectContaining({
        mode: "SHADOW",
        models: [],
        cause: "AUTOMATIC",
        reason: "RB_ERROR_RATE: 100 % of the calls to the PLM failed within 15 minutes",
        expectedVersion: 7,
      }),
    ]);
  });

  test("only recommends it otherwise", async () => {
    const { watch, fail, changes, told } = start();
    fail(100);
    await watch();
    expect(told).toContain("RB_ERROR_RATE FIRING");
    expect(changes).toEqual([]);
  });

  test("raises the alarm and steps back on a site with one call a minute, when every call fails", async () => {
    const { clock, watch, fail, told, changes } = start({ autoRollback: true });
    const minutesUntil: Record<string, number> = {};
    for (let minute = 1; minute <= 20; minute += 1) {
      fail(1);
      clock.advance(60_000);
      await watch();
      for (const alert of told) minutesUntil[alert] ??= minute;
    }
    expect(minutesUntil["PLM_AVAILABILITY FIRING"]).toBeLessThanOrEqual(
      DEFAULT_THRESHOLDS.silenceMinutes + 1,
    );
    expect(minutesUntil["RB_ERROR_RATE FIRING"]).toBeLessThanOrEqual(DEFAULT_THRESHOLDS.rollbackMinutes + 1);
    expect(changes).toMatchObject([{ mode: "SHADOW", cause: "AUTOMATIC" }]);
  });

  test("stays quiet on a site with one call a minute, of which one fails now and then", async () => {
    const { clock, watch, fail, succeed, told } = start();
    for (let minute = 1; minute <= 60; minute += 1) {
      if (minute % 20 === 0) fail(1);
      else succeed(1);
      clock.advance(60_000);
      await watch();
    }
    expect(told).toEqual([]);
  });

  test("is content when another replica has stepped back already", async () => {
    const { watch, fail } = start({ autoRollback: true, conflicts: true });
    fail(100);
    await expect(watch()).resolves.toBeUndefined();
  });
});
