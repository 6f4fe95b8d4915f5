import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { Registry } from "prom-client";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { Broker } from "../../lib/broker/broker.ts";
import { openBroker, type BrokerSettings } from "../../lib/broker/open-broker.ts";
import { systemClock } from "../../lib/clock.ts";
import { waitFor } from "../../lib/wait.ts";
import { createHints } from "../../db/hints.ts";
import { openEventOutbox } from "../../subgraphs/kit/event-outbox.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { quietLog } from "../support/quiet-log.ts";
import { startNatsServer } from "../support/nats-server.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ seed: true });
});
afterAll(() => database.close());

const settingsAt = (url: string): BrokerSettings => ({
  url,
  stream: `t${randomUUID().slice(0, 8)}`,
  subjects: ["events.>"],
  retention: { seconds: 60, bytes: 10_000_000 },
});

function start(settings: BrokerSettings | Omit<BrokerSettings, "url">) {
  const registry = new Registry();
  const notifications = createHints({ databaseUrl: database.url, redisUrl: undefined, log: quietLog });
  const deps = { db: database.db, notifications, clock: systemClock, log: quietLog, registry };
  const outbox = openEventOutbox("plms", { url: undefined, ...settings }, deps);
  const close = async () => {
    await outbox.close();
    await notifications.close();
  };
  onTestFinished(close);
  const metric = async (name: string) =>
    Number((await registry.getSingleMetric(name)?.get())?.values[0]?.value);
  return { close, metric };
}

async function hear(settings: BrokerSettings, topic = "events.plms.alert.default.-") {
  const broker = openBroker(settings, { clock: systemClock, log: quietLog }) as Broker;
  onTestFinished(() => broker.close());
  await waitFor(() => broker.problem === undefined);
  const kinds: string[] = [];
  await broker.listen(topic, {
    message: ({ body }) => kinds.push((JSON.parse(body) as { kind: string }).kind),
    failed: () => {},
  });
  return kinds;
}

const KINDS = ["runway_t15", "runway_t5", "overrun_20", "overrun_likely"];
/** One alert whose kind changes so many times: each is an event of its own. */
async function change(kinds: readonly string[], { fails = false } = {}): Promise<void> {
  await database.db
    .transaction()
    .execute(async (tx) => {
      await sql`delete from plms.alerts`.execute(tx);
      await sql`
      insert into plms.alerts (tenant, project_id, kind, period, severity, state, message, value, threshold, raised_at, cause)
      values ('default', 1, ${kinds[0]}, 'p', 'info', 'firing', 'm', 1, 1, now(), 'budget')`.execute(tx);
      for (const kind of kinds.slice(1)) await sql`update plms.alerts set kind = ${kind}`.execute(tx);
      if (fails) throw new Error("taken back");
    })
    .catch((error: unknown) => {
      if (!fails) throw error;
    });
}
const upper = (kinds: readonly string[]) => kinds.map((kind) => kind.toUpperCase());

describe("the outbox of events", () => {
  test("publishes what was committed, in order, once, and nothing that was taken back", async () => {
    const settings = settingsAt(`memory:${randomUUID()}`);
    const kinds = await hear(settings);
    const { metric } = start(settings);
    await change(["budget_exhausted"], { fails: true });
    await change(KINDS);
    await waitFor(() => kinds.length === KINDS.length);
    expect(kinds).toEqual(upper(KINDS));
    await waitFor(async () => (await metric("event_outbox_waiting")) === 0);
    // To the topic of the project as well.
    expect(await metric("event_outbox_published_total")).toBe(2 * KINDS.length);
  });

  test("is worked on by one replica at a time", async () => {
    const settings = settingsAt(`memory:${randomUUID()}`);
    const kinds = await hear(settings);
    for (let replica = 0; replica < 3; replica++) start(settings);
    for (let round = 0; round < 5; round++) await change(KINDS);
    await waitFor(() => kinds.length === 5 * KINDS.length);
    expect(kinds).toEqual(Array.from({ length: 5 }, () => upper(KINDS)).flat());
  });

  test("forgets everything after a while where there is no broker", async () => {
    await change(KINDS);
    const { close, metric } = start({ ...settingsAt(""), url: undefined });
    expect(await metric("event_outbox_waiting")).toBe(2 * KINDS.length);
    await close();
    await sql`delete from plms.event_outbox`.execute(database.db);
  });

  test.runIf(process.env["REDIS_URL"])(
    "keeps what a broker that is away does not have, and publishes it when it is back",
    { timeout: 60_000 },
    async () => {
      const server = await startNatsServer();
      onTestFinished(() => server.close());
      const settings = settingsAt(server.url);
      const kinds = await hear(settings);
      const { metric } = start(settings);
      await change(KINDS.slice(0, 1));
      await waitFor(() => kinds.length === 1);
      await server.kill();
      await change(KINDS);
      await waitFor(async () => (await metric("event_outbox_oldest_seconds")) > 1);
      expect(await metric("event_outbox_waiting")).toBe(2 * KINDS.length);
      await server.restart();
      await waitFor(async () => (await metric("event_outbox_waiting")) === 0);
      expect(await metric("event_outbox_published_total")).toBe(2 + 2 * KINDS.length);
      expect(await metric("event_outbox_refused_total")).toBe(0);
    },
  );

  test.runIf(process.env["REDIS_URL"])(
    "goes on behind an event that the broker will never take, and keeps that with the reason",
    { timeout: 60_000 },
    async () => {
      const server = await startNatsServer();
      onTestFinished(() => server.close());
      const settings = { ...settingsAt(server.url), subjects: ["events.plms.alert.default.-"] };
      const kinds = await hear(settings);
      const { metric } = start(settings);
      await change(KINDS.slice(0, 2));
      await waitFor(() => kinds.length === 2);
      await waitFor(async () => (await metric("event_outbox_refused_total")) === 2);
      const { rows } = await sql<{ refused: string }>`select refused from plms.event_outbox`.execute(
        database.db,
      );
      expect(rows.map(({ refused }) => refused)).toEqual(
        Array.from({ length: 2 }, () =>
          expect.stringContaining(`does not keep the topic "events.plms.alert.default.1"`),
        ),
      );
      await sql`delete from plms.event_outbox`.execute(database.db);
    },
  );
});
