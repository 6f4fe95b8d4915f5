import type { Kysely } from "kysely";
import { Migrator, type Migration, type MigrationResultSet } from "kysely/migration";
import { messageOf } from "../lib/errors.ts";
import * as plms from "./migrations/0001-plms.ts";
import * as catalog from "./migrations/0002-catalog.ts";
import type { Database } from "./tables.ts";

/** In the order of their names, which never changes once released. */
const MIGRATIONS: Readonly<Record<string, Migration>> = {
  "0001-plms": plms,
  "0002-catalog": catalog,
};

/**
 * Applies every migration that is missing, all or none. Several processes may call it at once: one does the
 * work, the others wait for it.
 *
 * @returns names of the migrations applied here, oldest first
 * @throws Error naming the migration that failed
 */
export async function migrateUp(db: Kysely<Database>): Promise<readonly string[]> {
  return namesOf(await migratorOf(db).migrateToLatest());
}

/**
 * Takes the newest migrations back, with the data they hold.
 *
 * @param steps how many; default 1
 * @returns names of the migrations taken back, newest first
 */
export async function migrateDown(db: Kysely<Database>, steps = 1): Promise<readonly string[]> {
  const undone: string[] = [];
  for (let step = 0; step < steps; step += 1) {
    const names = namesOf(await migratorOf(db).migrateDown());
    if (names.length === 0) break;
    undone.push(...names);
  }
  return undone;
}

const migratorOf = (db: Kysely<Database>) =>
  new Migrator({ db, provider: { getMigrations: () => Promise.resolve({ ...MIGRATIONS }) } });

function namesOf({ error, results = [] }: MigrationResultSet): readonly string[] {
  if (error === undefined) return results.map(({ migrationName }) => migrationName);
  const failed = results.find(({ status }) => status === "Error")?.migrationName ?? "the migrations";
  throw new Error(`${failed} could not be applied: ${messageOf(error)}`, { cause: error });
}
