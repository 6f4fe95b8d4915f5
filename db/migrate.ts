import { promises as fs } from "node:fs";
import path from "node:path";
import { sql, type Kysely } from "kysely";
import { FileMigrationProvider, Migrator, type MigrationResultSet } from "kysely/migration";
import { messageOf } from "../lib/errors.ts";
import type { Database } from "./tables.ts";

/**
 * Applies every migration that is missing, all or none. Several processes may call it at once: one does the
 * work, the others wait for it.
 *
 * @returns names of the migrations applied here, oldest first
 * @throws Error naming the migration that failed, or those that another version of ours has made the database with
 */
export async function migrateUp(db: Kysely<Database>): Promise<readonly string[]> {
  await refuseOtherVersions(db);
  return namesOf(await migratorOf(db).migrateToLatest());
}

/**
 * Takes the newest migrations back, with the data they hold.
 *
 * @param steps how many; default 1
 * @returns names of the migrations taken back, newest first
 * @throws as {@link migrateUp}
 */
export async function migrateDown(db: Kysely<Database>, steps = 1): Promise<readonly string[]> {
  await refuseOtherVersions(db);
  const undone: string[] = [];
  for (let step = 0; step < steps; step += 1) {
    const names = namesOf(await migratorOf(db).migrateDown());
    if (names.length === 0) break;
    undone.push(...names);
  }
  return undone;
}

const FOLDER = path.join(import.meta.dirname, "migrations");

/** Every file of the folder, in the order of their names. */
const provider = new FileMigrationProvider({
  fs,
  path,
  migrationFolder: FOLDER,
  import: (file) => import(file) as Promise<object>,
  onFileIgnored: (file) => {
    throw new Error(`${path.join(FOLDER, file)} is not a migration: it exports no function \`up\``);
  },
});

/** Those of one subgraph may be newer than later ones of the other. */
const migratorOf = (db: Kysely<Database>) => new Migrator({ db, provider, allowUnorderedMigrations: true });

/** A database with migrations that are not in the folder is of a version before the first release, or of a newer one. */
async function refuseOtherVersions(db: Kysely<Database>): Promise<void> {
  const known = await provider.getMigrations();
  const unknown = (await appliedTo(db)).filter((name) => !Object.hasOwn(known, name));
  if (unknown.length === 0) return;
  throw new Error(
    `The database was made by another version, by migrations that this one does not have: ${unknown.join(", ")}. ` +
      "`npm start -- --reset` begins the embedded database afresh; " +
      'for a database of your own see "A database of another version" in docs/runbook.md',
  );
}

async function appliedTo(db: Kysely<Database>): Promise<readonly string[]> {
  const { rows: tables } = await sql`select where to_regclass('kysely_migration') is not null`.execute(db);
  if (tables.length === 0) return [];
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db);
  return rows.map(({ name }) => name);
}

function namesOf({ error, results = [] }: MigrationResultSet): readonly string[] {
  if (error === undefined) return results.map(({ migrationName }) => migrationName);
  const failed = results.find(({ status }) => status === "Error")?.migrationName ?? "the migrations";
  throw new Error(`${failed} could not be applied: ${messageOf(error)}`, { cause: error });
}
