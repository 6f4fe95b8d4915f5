import { chmod, mkdtemp, readdir, rm, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import type { TestProject } from "vitest/node";
import { startEmbeddedPostgres } from "../../db/embedded.ts";
import { createLog } from "../../lib/log.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** A PostgreSQL on which tests may create databases. */
    serverUrl: string;
    /** Sets the databases of this run apart from those of others on the same server. */
    runId: string;
    /** How this server makes a database from a template most cheaply. */
    copyStrategy: "file_copy" | "wal_log";
  }
}

/** One server for the whole run: `DATABASE_URL` if it is set, an embedded one in a temporary folder otherwise. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const runId = String(process.pid);
  project.provide("runId", runId);
  const given = process.env["DATABASE_URL"];
  if (given) {
    project.provide("serverUrl", given);
    project.provide("copyStrategy", "file_copy");
    return () => dropDatabases(given, runId);
  }
  const hasMemory = await hasMemoryFolder();
  project.provide("copyStrategy", hasMemory ? "file_copy" : "wal_log");
  const dataDir = await mkdtemp(join(hasMemory ? MEMORY : tmpdir(), `${FOLDER}${runId}-`));
  await chmod(dataDir, 0o755);
  const server = await startEmbeddedPostgres({ dataDir, log: createLog({ name: "test", level: "warn" }) });
  await forgetDurability(server.url);
  project.provide("serverUrl", server.url);
  return async () => {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
}

const FOLDER = "lifecycle-test-";
const MEMORY = "/dev/shm";
/** A run has a few dozen databases of 12 MB at a time, and its log. */
const MEMORY_NEEDED_BYTES = 2 * 1024 ** 3;

/**
 * Whether there is room for the databases in memory, where Linux has a folder for that. On a disk each copy of a template
 * costs half a second of the kernel's time, for 700 small files; in memory 10 ms. What killed runs left there is removed.
 */
async function hasMemoryFolder(): Promise<boolean> {
  for (const folder of await readdir(MEMORY).catch(() => [])) {
    const [, pid] = new RegExp(`^${FOLDER}(\\d+)-`).exec(folder) ?? [];
    if (pid !== undefined && !isRunning(Number(pid)))
      await rm(join(MEMORY, folder), { recursive: true, force: true });
  }
  const space = await statfs(MEMORY).catch(() => undefined);
  return space !== undefined && space.bavail * space.bsize > MEMORY_NEEDED_BYTES;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // EPERM: it runs, and is another account's.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** What a test run stores need not survive a power cut, and its many databases are made much faster. */
async function forgetDurability(serverUrl: string): Promise<void> {
  const admin = new Client({ connectionString: serverUrl });
  await admin.connect();
  for (const setting of ["fsync", "synchronous_commit", "full_page_writes", "autovacuum"]) {
    await admin.query(`alter system set ${setting} = off`);
  }
  await admin.query("select pg_reload_conf()");
  await admin.end();
}

async function dropDatabases(serverUrl: string, runId: string): Promise<void> {
  const admin = new Client({ connectionString: serverUrl });
  await admin.connect();
  const ours = await admin.query<{ datname: string }>(
    "select datname from pg_database where starts_with(datname, $1)",
    [`lifecycle_test_${runId}_`],
  );
  for (const { datname } of ours.rows) await admin.query(`drop database ${datname} with (force)`);
  await admin.end();
}
