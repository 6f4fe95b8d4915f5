import { sql } from "kysely";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createDatabase, type DatabaseConnection } from "../../db/client.ts";
import { createNotifications } from "../../db/notifications.ts";
import { notify, type HintListener, type Notifications } from "../../db/notify.ts";
import { createRedisNotifications } from "../../db/redis-notifications.ts";
import { messageOf } from "../../lib/errors.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { quietLog } from "../support/quiet-log.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";
import { waitFor } from "../../lib/wait.ts";

/** A way for hints, the database that tells through it, and how to cut it. */
interface Way {
  notifications: Notifications;
  database: Pick<DatabaseConnection, "db" | "close">;
  cut(): Promise<unknown>;
  close(): Promise<void>;
}

let own: TestDatabase;
beforeAll(async () => {
  own = await createTestDatabase();
});
afterAll(() => own.close());

const cutTheLine = () =>
  sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name = 'lifecycle-hints'`.execute(own.db);

async function overPostgres(): Promise<Way> {
  const notifications = createNotifications({ url: own.url, log: quietLog, random: () => 0 });
  const database = createDatabase({ url: own.url, log: quietLog });
  return {
    notifications,
    database,
    cut: cutTheLine,
    close: async () => void (await Promise.all([notifications.close(), database.close()])),
  };
}

const redisUrl = process.env["REDIS_URL"];

async function overRedis(): Promise<Way> {
  const proxy: TcpProxy = await startTcpProxy(redisUrl ?? "");
  const database = new URL(own.url).pathname.slice(1);
  const redis = createRedisNotifications({ url: proxy.url, database, log: quietLog });
  const connection = createDatabase({ url: own.url, log: quietLog, onHint: (hint) => redis.publish(hint) });
  await waitFor(() => redis.problem === undefined);
  return {
    notifications: redis,
    database: connection,
    cut: async () => {
      // Gone until the cut is noticed: it reconnects faster than anybody could look.
      proxy.gone();
      await waitFor(() => redis.problem !== undefined);
      proxy.back();
    },
    close: async () => {
      await Promise.all([redis.close(), connection.close()]);
      await proxy.close();
    },
  };
}

interface Recorder extends HintListener {
  readonly hints: string[];
  gaps: number;
}

function recorder(): Recorder {
  const record: Recorder = {
    hints: [],
    gaps: 0,
    onHint: (payload) => void record.hints.push(payload),
    onGap: () => void (record.gaps += 1),
  };
  return record;
}

const WAYS: readonly (readonly [string, () => Promise<Way>])[] = [
  ["PostgreSQL", overPostgres],
  ...(redisUrl ? ([["Redis", overRedis]] as const) : []),
];

describe.each(WAYS)("notifications over %s", (_name, open) => {
  let way: Way;
  let notifications: Notifications;
  beforeEach(async () => {
    way = await open();
    ({ notifications } = way);
  });
  afterEach(() => way.close());
  const tell = (payload: string, channel = "runs") => notify(way.database.db, channel, payload);

  test("reach every listener of the channel and of no other", async () => {
    const [first, second, elsewhere] = [recorder(), recorder(), recorder()];
    await notifications.listen("runs", first);
    await notifications.listen("runs", second);
    await notifications.listen("projects", elsewhere);
    await tell("7:1");
    await tell("7:2");
    await tell("1", "projects");
    await waitFor(() => elsewhere.hints.length > 0);
    expect([first.hints, second.hints, elsewhere.hints]).toEqual([["7:1", "7:2"], ["7:1", "7:2"], ["1"]]);
    expect(first.gaps).toBe(0);
  });

  test("leave when the transaction commits, never when it rolls back", async () => {
    const record = recorder();
    await notifications.listen("runs", record);
    const failing = way.database.db.transaction().execute(async (trx) => {
      await notify(trx, "runs", "lost");
      throw new Error("changed my mind");
    });
    await expect(failing).rejects.toThrow("changed my mind");
    await way.database.db.transaction().execute((trx) => notify(trx, "runs", "kept"));
    await waitFor(() => record.hints.length > 0);
    expect(record.hints).toEqual(["kept"]);
  });

  test("keep channels apart whose names need quoting", async () => {
    const record = recorder();
    await notifications.listen('Run "7"; drop', record);
    await tell("x", 'Run "7"; drop');
    await waitFor(() => record.hints.length > 0);
    expect(record.hints).toEqual(["x"]);
  });

  test("end for one listener and go on for the others", async () => {
    const [leaving, staying] = [recorder(), recorder()];
    const leave = await notifications.listen("runs", leaving);
    await notifications.listen("runs", staying);
    await leave();
    await leave();
    await tell("x");
    await waitFor(() => staying.hints.length > 0);
    expect(leaving.hints).toEqual([]);
  });

  test("can be left and listened to again", async () => {
    const leave = await notifications.listen("runs", recorder());
    await leave();
    const record = recorder();
    await notifications.listen("runs", record);
    await tell("x");
    await waitFor(() => record.hints.length > 0);
  });

  test("come back by themselves and report the gap, every time the connection is cut", async () => {
    const record = recorder();
    await notifications.listen("runs", record);
    for (const gap of [1, 2, 3]) {
      await way.cut();
      await waitFor(() => record.gaps === gap, { what: `gap ${gap}` });
      await tell(`after ${gap}`);
      await waitFor(() => record.hints.length === gap, { what: `the hint after gap ${gap}` });
    }
    expect(record.hints).toEqual(["after 1", "after 2", "after 3"]);
  });

  test("let a listener join while the connection is away", async () => {
    const early = recorder();
    await notifications.listen("runs", early);
    await way.cut();
    const late = recorder();
    await notifications.listen("runs", late);
    await tell("x");
    await waitFor(() => late.hints.length > 0);
    expect(early.hints).toEqual(["x"]);
  });

  test("refuse listeners after they were closed", async () => {
    await notifications.listen("runs", recorder());
    await notifications.close();
    await expect(notifications.listen("runs", recorder())).rejects.toThrow("The notifications are closed");
  });

  test("protect listeners from each other's mistakes", async () => {
    const record = recorder();
    const fail = () => {
      throw new Error("a mistake");
    };
    await notifications.listen("runs", { onHint: fail, onGap: fail });
    await notifications.listen("runs", record);
    await tell("x");
    await waitFor(() => record.hints.length > 0);
    await way.cut();
    await waitFor(() => record.gaps > 0);
  });
});

describe("notifications", () => {
  test.each([
    ["PostgreSQL", () => createNotifications({ url: "postgresql://127.0.0.1:1/nowhere", log: quietLog })],
    [
      "Redis",
      () => createRedisNotifications({ url: "redis://127.0.0.1:1", database: "nowhere", log: quietLog }),
    ],
  ])("wait for a %s that is not there yet, until they are closed", async (name, create) => {
    const unreachable = create();
    expect(unreachable.problem).toContain(name);
    const outcome = unreachable.listen("runs", recorder()).then(() => "listening", messageOf);
    await unreachable.close();
    expect(await outcome).toBe("The notifications are closed");
  });

  test("leave no connection behind when closed at any moment", async () => {
    const closings = Array.from({ length: 10 }, async (_, index) => {
      const line = createNotifications({ url: own.url, log: quietLog });
      for (let turn = 0; turn < index * 20; turn += 1) await new Promise(setImmediate);
      await line.close();
    });
    await Promise.all(closings);
    await waitFor(async () => (await openLines()) === 0, { what: "the lines to be closed" });
  });
});

async function openLines(): Promise<number> {
  const { rows } = await sql`
    select 1 from pg_stat_activity
    where datname = current_database() and application_name = 'lifecycle-hints'`.execute(own.db);
  return rows.length;
}
