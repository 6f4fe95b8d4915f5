import { chmod, mkdtemp, rm } from "node:fs/promises";
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
  }
}

/** One server for the whole run: `DATABASE_URL` if it is set, an embedded one in a temporary folder otherwise. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const runId = String(process.pid);
  project.provide("runId", runId);
  const given = process.env["DATABASE_URL"];
  if (given) {
    project.provide("serverUrl", given);
    return () => dropDatabases(given, runId);
  }
  const dataDir = await mkdtemp(join(tmpdir(), "lifecycle-test-"));
  await chmod(dataDir, 0o755);
  const server = await startEmbeddedPostgres({ dataDir, log: createLog({ name: "test", level: "warn" }) });
  await forgetDurability(server.url);
  project.provide("serverUrl", server.url);
  return async () => {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
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
