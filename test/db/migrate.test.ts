import { readdirSync } from "node:fs";
import { access } from "node:fs/promises";
import { join } from "node:path";
import { sql, type Kysely } from "kysely";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createDatabase } from "../../db/client.ts";
import { migrateDown, migrateUp } from "../../db/migrate.ts";
import type { Database } from "../../db/tables.ts";
import { createEmptyDatabase, quietLog, type TestDatabase } from "../support/database.ts";
import { temporaryFolder } from "../support/temporary-folders.ts";
import { runScript } from "./script.ts";
import { isFull } from "../support/depth.ts";

const MIGRATIONS = readdirSync(new URL("../../db/migrations", import.meta.url))
  .map((file) => file.replace(/\.ts$/, ""))
  .sort();

let own: TestDatabase;
beforeEach(async () => {
  own = await createEmptyDatabase();
});
afterEach(() => own.close());

describe("migrations", () => {
  test("leave the same schema forward as forward, back and forward again", async () => {
    const applied = await migrateUp(own.db);
    const once = await describeSchema(own.db);
    expect(await migrateDown(own.db, applied.length)).toEqual(applied.toReversed());
    expect(await describeSchema(own.db)).toEqual([]);
    await migrateUp(own.db);
    expect(await describeSchema(own.db)).toEqual(once);
    expect(once.length).toBeGreaterThan(100);
  });

  test("do nothing when there is nothing left to do", async () => {
    await migrateUp(own.db);
    expect(await migrateUp(own.db)).toEqual([]);
  });

  test("take back one step unless told otherwise, and stop at the beginning", async () => {
    const applied = await migrateUp(own.db);
    expect(await migrateDown(own.db)).toEqual(applied.slice(-1));
    expect(await migrateDown(own.db, 100)).toEqual(applied.slice(0, -1).toReversed());
    expect(await migrateDown(own.db)).toEqual([]);
  });

  test("are applied once when two processes ask at the same time", async () => {
    const other = createDatabase({ url: own.url, log: quietLog });
    const [here, there] = await Promise.all([migrateUp(own.db), migrateUp(other.db)]);
    expect(Math.min(here.length, there.length)).toBe(0);
    expect([...here, ...there]).toEqual(MIGRATIONS);
    await other.close();
  });

  test("name the one that fails and leave nothing half done", async () => {
    await sql`create schema catalog`.execute(own.db);
    await expect(migrateUp(own.db)).rejects.toThrow(
      '0002-catalog could not be applied: schema "catalog" already exists',
    );
    const { rows } = await sql`select 1 from pg_namespace where nspname = 'plms'`.execute(own.db);
    expect(rows).toEqual([]);
  });
});

describe.runIf(isFull)("the migration command", () => {
  test("applies and takes back, saying what it did", async () => {
    const environment = { DATABASE_URL: own.url, LOG_LEVEL: "silent" };
    expect(await runScript("db/migrate-cli.ts", ["up"], environment)).toMatchObject({
      code: 0,
      stdout: `applied: ${MIGRATIONS.join(", ")}\n`,
    });
    expect(await runScript("db/migrate-cli.ts", ["up"], environment)).toMatchObject({
      stdout: "nothing to do\n",
    });
    expect(await runScript("db/migrate-cli.ts", ["down"], environment)).toMatchObject({
      code: 0,
      stdout: `taken back: ${MIGRATIONS.at(-1)}\n`,
    });
  });

  test("uses the embedded server of the data folder when no URL is given, and leaves it stopped", async () => {
    const dataDir = await temporaryFolder();
    const environment = { DATA_DIR: dataDir, LOG_LEVEL: "silent" };
    expect(await runScript("db/migrate-cli.ts", ["up"], environment)).toMatchObject({
      code: 0,
      stdout: `applied: ${MIGRATIONS.join(", ")}\n`,
    });
    await expect(access(join(dataDir, "postgres", "cluster", "postmaster.pid"))).rejects.toThrow("ENOENT");
  });

  test.each([
    [
      "a command that it does not know",
      ["sideways"],
      {},
      'command: "sideways" is not allowed; expected up or down',
    ],
    [
      "a URL of another kind",
      ["up"],
      { DATABASE_URL: "mysql://localhost/x" },
      "DATABASE_URL: the value given (hidden)",
    ],
    ["a server that is not there", ["up"], { DATABASE_URL: "postgresql://127.0.0.1:1/x" }, "ECONNREFUSED"],
  ])("refuses %s in plain words", async (_case, args, environment, message) => {
    const { code, stderr } = await runScript("db/migrate-cli.ts", args, {
      LOG_LEVEL: "silent",
      ...environment,
    });
    expect(code).toBe(1);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain("    at ");
  });
});

/** Every column, constraint, index and schema of ours as a line of text. */
async function describeSchema(db: Kysely<Database>): Promise<readonly string[]> {
  const { rows } = await sql<{ line: string }>`
    select format('column %s.%s %s %s %s %s %s', table_schema, table_name, ordinal_position, column_name, data_type,
                  is_nullable, coalesce(column_default, identity_generation)) as line
      from information_schema.columns where table_schema in ('plms', 'catalog')
    union all
    select format('constraint %s %s', conrelid::regclass, pg_get_constraintdef(oid)) from pg_constraint
      where connamespace in (select oid from pg_namespace where nspname in ('plms', 'catalog'))
    union all
    select indexdef from pg_indexes where schemaname in ('plms', 'catalog')
    union all
    select nspname from pg_namespace where nspname in ('plms', 'catalog')
    order by line`.execute(db);
  return rows.map(({ line }) => line);
}
