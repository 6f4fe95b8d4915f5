import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { messageOf } from "../../lib/errors.ts";
import { createDatabase } from "../../db/client.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { quietLog } from "../support/quiet-log.ts";
import { waitFor } from "../../lib/wait.ts";

let own: TestDatabase;
beforeAll(async () => {
  own = await createTestDatabase();
});
afterAll(() => own.close());

describe("a database connection", () => {
  test("contacts nobody before the first query", async () => {
    const { close } = createDatabase({ url: "postgresql://127.0.0.1:1/nowhere", log: quietLog });
    await expect(close()).resolves.toBeUndefined();
  });

  test("says why the server does not answer a ping", async () => {
    const { ping, close } = createDatabase({ url: "postgresql://127.0.0.1:1/nowhere", log: quietLog });
    await expect(ping()).rejects.toThrow("ECONNREFUSED");
    await close();
  });

  test("answers a ping after the server cut every connection", async () => {
    const { db, ping, close } = createDatabase({ url: own.url, log: quietLog, maxConnections: 3 });
    await Promise.all([ping(), ping(), ping()]);
    await cutConnectionsNamed("lifecycle");
    await waitFor(() => ping().then(() => true), { what: "a fresh connection" });
    expect(await db.selectFrom("plms.lanes").selectAll().execute()).toEqual([]);
    await close();
  });

  test("rejects the query that was under way when its connection was cut, and nothing else", async () => {
    const { db, ping, close } = createDatabase({ url: own.url, log: quietLog });
    const sleeping = sql`select pg_sleep(30)`.execute(db);
    const outcome = sleeping.then(() => "answered", messageOf);
    await waitFor(() => isRunning("pg_sleep(30)"), { what: "the query to run" });
    await cutConnectionsNamed("lifecycle");
    expect(await outcome).toMatch("terminating connection");
    await waitFor(() => ping().then(() => true), { what: "a fresh connection" });
    await close();
  });

  test("has the server cancel a statement that takes too long", async () => {
    const { db, close } = createDatabase({ url: own.url, log: quietLog, statementTimeoutMs: 50 });
    await expect(sql`select pg_sleep(30)`.execute(db)).rejects.toThrow("statement timeout");
    await close();
  });

  test("lets statements run for ever when their timeout is 0", async () => {
    const { db, close } = createDatabase({ url: own.url, log: quietLog, statementTimeoutMs: 0 });
    const { rows } = await sql<{ statement_timeout: string }>`show statement_timeout`.execute(db);
    expect(rows).toEqual([{ statement_timeout: "0" }]);
    await close();
  });

  test("returns bigint and numeric as text, so that no digit is lost", async () => {
    const { rows } = await sql`select 9007199254740993::bigint as big, 0.1::numeric(18, 6) as usd`.execute(
      own.db,
    );
    expect(rows).toEqual([{ big: "9007199254740993", usd: "0.100000" }]);
  });
});

async function cutConnectionsNamed(name: string): Promise<void> {
  const others = sql`application_name = ${name} and datname = current_database() and pid <> pg_backend_pid()`;
  await sql`select pg_terminate_backend(pid) from pg_stat_activity where ${others}`.execute(own.db);
}

async function isRunning(text: string): Promise<boolean> {
  const { rows } = await sql`
    select 1 from pg_stat_activity
    where datname = current_database() and query like ${`%${text}%`} and pid <> pg_backend_pid()`.execute(
    own.db,
  );
  return rows.length > 0;
}
