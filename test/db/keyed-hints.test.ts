import { sql } from "kysely";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { createKeyedHints } from "../../db/keyed-hints.ts";
import { createNotifications } from "../../db/notifications.ts";
import { keyChannel, notify, type Notifications } from "../../db/notify.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { quietLog } from "../support/quiet-log.ts";
import { waitFor } from "../../lib/wait.ts";

let own: TestDatabase;
beforeAll(async () => {
  own = await createTestDatabase();
});
afterAll(() => own.close());

/** A process that follows keys, and everything that woke it. */
function startFollower() {
  const line = createNotifications({ url: own.url, log: quietLog });
  const woken: string[] = [];
  const heard: string[] = [];
  const gaps = { count: 0 };
  const watched: Pick<Notifications, "listen" | "hasOlderPeers"> = {
    listen: (channel, listener) =>
      line.listen(channel, {
        onHint: (payload, stamp) => {
          woken.push(payload);
          listener.onHint(payload, stamp);
        },
        onGap: () => listener.onGap(),
      }),
    get hasOlderPeers() {
      return line.hasOlderPeers;
    },
  };
  const hints = createKeyedHints(watched, "events", {
    onHint: (payload) => void heard.push(payload),
    onGap: () => void (gaps.count += 1),
  });
  onTestFinished(async () => {
    await hints.close();
    await line.close();
  });
  return { hints, woken, heard, gaps, line };
}

const tell = (payload: string, key = payload) => notify(own.db, "events", { payload, key });

describe("hints by key", () => {
  test("wake a process for the keys that it follows, and for no others", async () => {
    const [one, other] = [startFollower(), startFollower()];
    const stop = await one.hints.follow("project:1");
    await other.hints.follow("project:2");
    await tell("project:1");
    await tell("project:3");
    await tell("project:2");
    await waitFor(() => one.heard.length + other.heard.length === 2);
    expect([one.woken, other.woken]).toEqual([["project:1"], ["project:2"]]);
    stop();
    await waitFor(async () => !(await channels()).includes(keyChannel("events", "project:1")));
    await tell("project:1");
    await tell("project:2");
    await waitFor(() => other.heard.length === 2);
    expect(one.woken).toEqual(["project:1"]);
  });

  test("are heard by those who follow a key that is not the payload", async () => {
    const { hints, heard } = startFollower();
    await hints.follow("priors");
    await tell("priors:some tenant", "priors");
    await waitFor(() => heard.length === 1);
    expect(heard).toEqual(["priors:some tenant"]);
  });

  test("are all heard by a process that follows more keys than PostgreSQL should look through", async () => {
    const { hints, heard } = startFollower();
    await Promise.all(Array.from({ length: 1_200 }, (_, index) => hints.follow(`project:${index}`)));
    await tell("project:0");
    await tell("project:1199");
    await waitFor(() => heard.includes("project:0") && heard.includes("project:1199"));
    expect((await channels()).length).toBeLessThanOrEqual(1_001);
  });

  test("are heard of a process of the build before, which tells of whole channels only", async () => {
    const older = new Client({ connectionString: own.url, application_name: "lifecycle-notifications" });
    await older.connect();
    onTestFinished(() => older.end());
    const { hints, heard, gaps } = startFollower();
    await hints.follow("project:9");
    await waitFor(async () => {
      await older.query(`select pg_notify('events', 'project:9@1')`);
      return heard.includes("project:9");
    });
    // What it told before that may have been missed, which is said.
    expect(gaps.count).toBeGreaterThan(0);
  });
});

/** Channels that the lines of this database listen to, by what each was asked last. */
async function channels(): Promise<string[]> {
  const { rows } = await sql<{ query: string }>`
    select query from pg_stat_activity
    where datname = current_database() and application_name = 'lifecycle-hints'`.execute(own.db);
  return rows.flatMap(({ query }) => [...query.matchAll(/^listen "([^"]+)"/g)].map(([, name]) => name ?? ""));
}
