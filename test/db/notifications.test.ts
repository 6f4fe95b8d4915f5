import { sql } from "kysely";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  createNotifications,
  notify,
  type HintListener,
  type Notifications,
} from "../../db/notifications.ts";
import { messageOf } from "../../lib/errors.ts";
import { createTestDatabase, quietLog, type TestDatabase } from "../support/database.ts";
import { waitFor } from "../support/wait.ts";

let own: TestDatabase;
let notifications: Notifications;
beforeAll(async () => {
  own = await createTestDatabase();
});
beforeEach(() => {
  notifications = createNotifications({ url: own.url, log: quietLog, random: () => 0 });
});
afterEach(() => notifications.close());
afterAll(() => own.close());

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

const cutTheLine = () =>
  sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name = 'lifecycle-notifications'`.execute(own.db);

describe("notifications", () => {
  it("reach every listener of the channel and of no other", async () => {
    const [first, second, elsewhere] = [recorder(), recorder(), recorder()];
    await notifications.listen("runs", first);
    await notifications.listen("runs", second);
    await notifications.listen("projects", elsewhere);
    await notify(own.db, "runs", "7:1");
    await notify(own.db, "runs", "7:2");
    await notify(own.db, "projects", "1");
    await waitFor(() => elsewhere.hints.length > 0);
    expect([first.hints, second.hints, elsewhere.hints]).toEqual([["7:1", "7:2"], ["7:1", "7:2"], ["1"]]);
    expect(first.gaps).toBe(0);
  });

  it("leave when the transaction commits, never when it rolls back", async () => {
    const record = recorder();
    await notifications.listen("runs", record);
    const failing = own.db.transaction().execute(async (trx) => {
      await notify(trx, "runs", "lost");
      throw new Error("changed my mind");
    });
    await expect(failing).rejects.toThrow("changed my mind");
    await own.db.transaction().execute((trx) => notify(trx, "runs", "kept"));
    await waitFor(() => record.hints.length > 0);
    expect(record.hints).toEqual(["kept"]);
  });

  it("keep channels apart whose names need quoting", async () => {
    const record = recorder();
    await notifications.listen('Run "7"; drop', record);
    await notify(own.db, 'Run "7"; drop', "x");
    await waitFor(() => record.hints.length > 0);
    expect(record.hints).toEqual(["x"]);
  });

  it("end for one listener and go on for the others", async () => {
    const [leaving, staying] = [recorder(), recorder()];
    const leave = await notifications.listen("runs", leaving);
    await notifications.listen("runs", staying);
    await leave();
    await leave();
    await notify(own.db, "runs", "x");
    await waitFor(() => staying.hints.length > 0);
    expect(leaving.hints).toEqual([]);
  });

  it("can be left and listened to again", async () => {
    const leave = await notifications.listen("runs", recorder());
    await leave();
    const record = recorder();
    await notifications.listen("runs", record);
    await notify(own.db, "runs", "x");
    await waitFor(() => record.hints.length > 0);
  });

  it("come back by themselves and report the gap, every time the connection is cut", async () => {
    const record = recorder();
    await notifications.listen("runs", record);
    for (const gap of [1, 2, 3]) {
      await cutTheLine();
      await waitFor(() => record.gaps === gap, { what: `gap ${gap}` });
      await notify(own.db, "runs", `after ${gap}`);
      await waitFor(() => record.hints.length === gap, { what: `the hint after gap ${gap}` });
    }
    expect(record.hints).toEqual(["after 1", "after 2", "after 3"]);
  });

  it("let a listener join while the connection is away", async () => {
    const early = recorder();
    await notifications.listen("runs", early);
    await cutTheLine();
    const late = recorder();
    await notifications.listen("runs", late);
    await notify(own.db, "runs", "x");
    await waitFor(() => late.hints.length > 0);
    expect(early.hints).toEqual(["x"]);
  });

  it("wait for a server that is not there yet, until they are closed", async () => {
    const unreachable = createNotifications({ url: "postgresql://127.0.0.1:1/nowhere", log: quietLog });
    const outcome = unreachable.listen("runs", recorder()).then(() => "listening", messageOf);
    await unreachable.close();
    expect(await outcome).toBe("The notifications are closed");
  });

  it("refuse listeners after they were closed", async () => {
    await notifications.listen("runs", recorder());
    await notifications.close();
    await expect(notifications.listen("runs", recorder())).rejects.toThrow("The notifications are closed");
  });

  it("leave no connection behind when closed at any moment", async () => {
    const closings = Array.from({ length: 10 }, async (_, index) => {
      const line = createNotifications({ url: own.url, log: quietLog });
      for (let turn = 0; turn < index * 20; turn += 1) await new Promise(setImmediate);
      await line.close();
    });
    await Promise.all([...closings, notifications.close()]);
    await waitFor(async () => (await openLines()) === 0, { what: "the lines to be closed" });
  });

  it("protect listeners from each other's mistakes", async () => {
    const record = recorder();
    const fail = () => {
      throw new Error("a mistake");
    };
    await notifications.listen("runs", { onHint: fail, onGap: fail });
    await notifications.listen("runs", record);
    await notify(own.db, "runs", "x");
    await waitFor(() => record.hints.length > 0);
    await cutTheLine();
    await waitFor(() => record.gaps > 0);
  });
});

async function openLines(): Promise<number> {
  const { rows } = await sql`
    select 1 from pg_stat_activity
    where datname = current_database() and application_name = 'lifecycle-notifications'`.execute(own.db);
  return rows.length;
}
