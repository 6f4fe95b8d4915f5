import { randomUUID } from "node:crypto";
import { Client } from "pg";
import { inject } from "vitest";
import type { Kysely } from "kysely";
import { createDatabase } from "../../db/client.ts";
import { migrateUp } from "../../db/migrate.ts";
import { seedDemo } from "../../db/seed/seed.ts";
import type { Database } from "../../db/tables.ts";
import { quietLog } from "./quiet-log.ts";

export interface TestDatabase {
  url: string;
  db: Kysely<Database>;
  /** Drops the database, whoever is connected to it. */
  close: () => Promise<void>;
}

/**
 * A migrated database of its own, with the demo data if `seed` is true: a clone of a template that the first
 * caller of the run prepares.
 */
export async function createTestDatabase({ seed = false } = {}): Promise<TestDatabase> {
  const migrated = await template("migrated", "template0", migrateUp);
  return create(seed ? await template("seeded", migrated, seedDemo) : migrated);
}

/** A database of its own with nothing in it. */
export const createEmptyDatabase = (): Promise<TestDatabase> => create("template0");

async function create(from: string): Promise<TestDatabase> {
  const name = `${prefix()}${randomUUID().replaceAll("-", "")}`;
  await administer((admin) =>
    admin.query(`create database ${name} template ${from} strategy ${inject("copyStrategy")}`),
  );
  const url = urlOf(name);
  const connection = createDatabase({ url, log: quietLog });
  return {
    url,
    db: connection.db,
    close: async () => {
      await connection.close();
      await administer((admin) => admin.query(`drop database if exists ${name} with (force)`));
    },
  };
}

/** Made once a run, whichever process comes first; under another name until it is finished. */
async function template(
  kind: string,
  from: string,
  prepare: (db: Kysely<Database>) => Promise<unknown>,
): Promise<string> {
  const name = `${prefix()}${kind}`;
  await administer(async (admin) => {
    await admin.query("select pg_advisory_lock(hashtext($1))", [name]);
    const existing = await admin.query("select 1 from pg_database where datname = $1", [name]);
    if (existing.rowCount !== 0) return;
    const unfinished = `${name}_unfinished`;
    await admin.query(`create database ${unfinished} template ${from} strategy ${inject("copyStrategy")}`);
    const connection = createDatabase({ url: urlOf(unfinished), log: quietLog });
    await prepare(connection.db);
    await connection.close();
    await admin.query(`alter database ${unfinished} rename to ${name}`);
  });
  return name;
}

async function administer<T>(action: (admin: Client) => Promise<T>): Promise<T> {
  const admin = new Client({ connectionString: inject("serverUrl") });
  await admin.connect();
  try {
    return await action(admin);
  } finally {
    await admin.end();
  }
}

const prefix = () => `lifecycle_test_${inject("runId")}_`;

function urlOf(database: string): string {
  const url = new URL(inject("serverUrl"));
  url.pathname = `/${database}`;
  return url.href;
}
