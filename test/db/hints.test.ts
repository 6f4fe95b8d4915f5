import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { createDatabase } from "../../db/client.ts";
import { createHints } from "../../db/hints.ts";
import { keyChannel, notify, type Hint } from "../../db/notify.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { quietLog } from "../support/quiet-log.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";
import { waitFor } from "../../lib/wait.ts";

let own: TestDatabase;
beforeAll(async () => {
  own = await createTestDatabase();
});
afterAll(() => own.close());

/** A process: its hints, and a database that tells through them. */
function startProcess(redisUrl: string | undefined) {
  const hints = createHints({ databaseUrl: own.url, redisUrl, log: quietLog });
  const { db, close } = createDatabase({
    url: own.url,
    log: quietLog,
    onHint: (hint) => hints.publish(hint),
  });
  onTestFinished(async () => void (await Promise.all([hints.close(), close()])));
  const heard: string[] = [];
  const gaps = { count: 0 };
  const listening = hints.listen("runs", {
    onHint: (payload) => void heard.push(payload),
    onGap: () => void (gaps.count += 1),
  });
  return { hints, db, heard, gaps, listening, tell: (payload: string) => notify(db, "runs", payload) };
}

describe("hints without the Redis that they were told of", () => {
  test("go through PostgreSQL, and say what is missing", async () => {
    const { hints, heard, listening, tell } = startProcess("redis://127.0.0.1:1");
    await listening;
    await tell("run:7");
    await waitFor(() => heard.length === 1);
    expect(heard).toEqual(["run:7"]);
    expect(hints.problem).toMatch(/^Redis is away/);
    expect(hints.problem).not.toContain("127.0.0.1");
  });
});

describe("the hints of committed transactions", () => {
  test("are known where they were told: all of a transaction together, none that is rolled back", async () => {
    const told: Hint[] = [];
    const { db, close } = createDatabase({ url: own.url, log: quietLog, onHint: (hint) => told.push(hint) });
    onTestFinished(close);
    await notify(db, "runs", "alone");
    await db
      .transaction()
      .execute(async (trx) => {
        await notify(trx, "runs", "lost");
        throw new Error("changed my mind");
      })
      .catch(() => undefined);
    await db.transaction().execute(async (trx) => {
      await notify(trx, "runs", "first");
      await notify(trx, "projects", "second");
      expect(told).toHaveLength(2);
    });
    // Each to the whole channel, and to that of its key.
    expect(told.map(({ channel, payload }) => [channel, payload])).toEqual([
      ["runs", "alone"],
      [keyChannel("runs", "alone"), "alone"],
      ["runs", "first"],
      [keyChannel("runs", "first"), "first"],
      ["projects", "second"],
      [keyChannel("projects", "second"), "second"],
    ]);
    expect(told[2]?.stamp).toBe(told[4]?.stamp);
    expect(new Set(told.map(({ stamp }) => stamp)).size).toBe(2);
  });
});

const redisUrl = process.env["REDIS_URL"];

describe.skipIf(!redisUrl)("hints with Redis", () => {
  test("are heard once by every process, although they come two ways", async () => {
    const [one, two] = [startProcess(redisUrl), startProcess(redisUrl)];
    await Promise.all([one.listening, two.listening]);
    await waitFor(() => one.hints.problem === undefined && two.hints.problem === undefined);
    for (let index = 0; index < 20; index++) await (index % 2 === 0 ? one : two).tell(`run:${index}`);
    const all = Array.from({ length: 20 }, (_, index) => `run:${index}`);
    await waitFor(() => one.heard.length >= 20 && two.heard.length >= 20);
    await one.tell("last");
    await waitFor(() => two.heard.includes("last") && one.heard.includes("last"));
    expect(one.heard).toEqual([...all, "last"]);
    expect(two.heard).toEqual([...all, "last"]);
  });

  test("lose nothing while Redis is away, and use it again when it is back", async () => {
    const proxy = await startTcpProxy(redisUrl ?? "");
    onTestFinished(() => proxy.close());
    const { hints, heard, gaps, listening, tell } = startProcess(proxy.url);
    await listening;
    await waitFor(() => hints.problem === undefined);
    proxy.gone();
    await waitFor(() => hints.problem?.startsWith("Redis is away"));
    await tell("meanwhile");
    await waitFor(() => heard.includes("meanwhile"));
    proxy.back();
    await waitFor(() => hints.problem === undefined);
    expect(gaps.count).toBe(1);
    await tell("after");
    await waitFor(() => heard.includes("after"));
    expect(heard).toEqual(["meanwhile", "after"]);
  });
});
