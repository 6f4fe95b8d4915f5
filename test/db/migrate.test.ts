import { readdirSync } from "node:fs";
import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { sql, type Kysely } from "kysely";
import { afterEach, assert, beforeEach, describe, expect, test } from "vitest";
import { createDatabase } from "../../db/client.ts";
import { migrateDown, migrateUp } from "../../db/migrate.ts";
import type { Database } from "../../db/tables.ts";
import { createEmptyDatabase, type TestDatabase } from "../support/database.ts";
import { quietLog } from "../support/quiet-log.ts";
import { temporaryFolder } from "../support/temporary-folders.ts";
import { runScript } from "../support/script.ts";
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
    await sql`create schema plms`.execute(own.db);
    await expect(migrateUp(own.db)).rejects.toThrow(
      '0002-plms could not be applied: schema "plms" already exists',
    );
    const { rows } = await sql`select 1 from pg_namespace where nspname = 'catalog'`.execute(own.db);
    expect(rows).toEqual([]);
  });

  test.each([
    ["0003-audit", /audit/],
    ["0002-plms", /plms/],
    ["0001-catalog", /catalog/],
  ])("of %s are taken back with all that they made", async (name, ofItsDomain) => {
    await migrateUp(own.db);
    expect(await describeSchema(own.db)).toContainEqual(expect.stringMatching(ofItsDomain));
    while ((await migrateDown(own.db))[0] !== name);
    expect(await describeSchema(own.db)).not.toContainEqual(expect.stringMatching(ofItsDomain));
  });
});

describe("a database of another version", () => {
  beforeEach(async () => {
    await migrateUp(own.db);
    if (MIGRATIONS.length > 3) await migrateDown(own.db, MIGRATIONS.length - 3);
    await sql`delete from kysely_migration`.execute(own.db);
    for (const name of ["0001-plms", "0171-observed-runs"])
      await sql`insert into kysely_migration values (${name}, now()::text)`.execute(own.db);
  });

  test.each([
    ["migrated", migrateUp],
    ["taken back", migrateDown],
  ])("is not %s, and what to do instead is said", async (_what, migrate) => {
    await expect(migrate(own.db)).rejects.toThrow(
      "The database was made by another version, by migrations that this one does not have: 0001-plms, " +
        "0171-observed-runs. `npm start -- --reset` begins the embedded database afresh; for a database of your own " +
        'see "A database of another version" in docs/runbook.md',
    );
    expect((await describeSchema(own.db)).length).toBeGreaterThan(100);
  });

  test("of before the first release is one of this version after the statements of the runbook", async () => {
    const runbook = await readFile(new URL("../../docs/runbook.md", import.meta.url), "utf8");
    const [, section = ""] = runbook.split("### A database of another version\n");
    const [, statements] = /```sql\n([^`]+)```/.exec(section) ?? [];
    assert(statements !== undefined, "the runbook has no statements");
    await sql.raw(statements).execute(own.db);
    expect(await migrateUp(own.db)).toEqual(MIGRATIONS.slice(3));
    expect(await migrateDown(own.db, MIGRATIONS.length)).toEqual(MIGRATIONS.toReversed());
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

/** Every column, constraint, index, trigger, function and schema of ours as a line of text. */
async function describeSchema(db: Kysely<Database>): Promise<readonly string[]> {
  const { rows } = await sql<{ line: string }>`
    with ours as (select oid, nspname from pg_namespace where nspname in ('plms', 'catalog', 'audit'))
    select format('column %s.%s %s %s %s %s %s', table_schema, table_name, ordinal_position, column_name, data_type,
                  is_nullable, coalesce(column_default, identity_generation)) as line
      from information_schema.columns join ours on nspname = table_schema
    union all
    select format('constraint %s %s', conrelid::regclass, pg_get_constraintdef(pg_constraint.oid))
      from pg_constraint join ours on ours.oid = connamespace
    union all
    select indexdef from pg_indexes join ours on nspname = schemaname
    union all
    select pg_get_triggerdef(pg_trigger.oid) from pg_trigger join pg_class on pg_class.oid = tgrelid
      join ours on ours.oid = relnamespace where not tgisinternal
    union all
    select pg_get_functiondef(pg_proc.oid) from pg_proc join ours on ours.oid = pronamespace
    union all
    select nspname from ours
    order by line`.execute(db);
  return rows.map(({ line }) => line);
}
