import { promises as fs } from "node:fs";
import path from "node:path";
import type { Kysely } from "kysely";
import { FileMigrationProvider, Migrator, type MigrationResultSet } from "kysely/migration";
import { messageOf } from "../lib/errors.ts";
import type { Database } from "./tables.ts";

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

const FOLDER = path.join(import.meta.dirname, "migrations");

/** Every file of the folder, in the order of their names; those of one subgraph may be newer than later ones of the other. */
const migratorOf = (db: Kysely<Database>) =>
  new Migrator({
    db,
    provider: new FileMigrationProvider({
      fs,
      path,
      migrationFolder: FOLDER,
      import: (file) => import(file) as Promise<object>,
      onFileIgnored: (file) => {
        throw new Error(`${path.join(FOLDER, file)} is not a migration: it exports no function \`up\``);
      },
    }),
    allowUnorderedMigrations: true,
  });

function namesOf({ error, results = [] }: MigrationResultSet): readonly string[] {
  if (error === undefined) return results.map(({ migrationName }) => migrationName);
  const failed = results.find(({ status }) => status === "Error")?.migrationName ?? "the migrations";
  throw new Error(`${failed} could not be applied: ${messageOf(error)}`, { cause: error });
}
