import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql, type Kysely } from "kysely";
import { createDatabase } from "../../db/client.ts";
import { startEmbeddedPostgres } from "../../db/embedded.ts";
import { migrateUp } from "../../db/migrate.ts";
import { seedDemo } from "../../db/seed.ts";
import type { Database } from "../../db/tables.ts";
import { createLog } from "../../lib/log.ts";
import type { DrillContext } from "../drill.ts";

/** A PostgreSQL server of the drill's own, with demo data, which it may treat as it likes. */
export interface DrillDatabase {
  url: string;
  db: Kysely<Database>;
  /** An orderly stop that cuts every connection. */
  stop(): Promise<void>;
  /** Starts it again, on the same port. */
  start(): Promise<void>;
  /** `kill -9` of the server itself. */
  kill(): Promise<void>;
}

const log = () => createLog({ name: "drill", level: "silent" });

export async function startDrillDatabase(defer: DrillContext["defer"]): Promise<DrillDatabase> {
  const dataDir = await temporaryFolder(defer);
  let server = await startEmbeddedPostgres({ dataDir, log: log() });
  const { url } = server;
  const port = Number(new URL(url).port);
  defer(() => server.stop());
  const connection = createDatabase({ url, maxConnections: 4, statementTimeoutMs: 60_000, log: log() });
  defer(() => connection.close());
  await migrateUp(connection.db);
  await seedDemo(connection.db);
  return {
    url,
    db: connection.db,
    stop: () => server.stop(),
    start: async () => {
      server = await startEmbeddedPostgres({ dataDir, port, log: log() });
    },
    kill: async () => void process.kill(await postmaster(connection.db), "SIGKILL"),
  };
}

async function postmaster(db: Kysely<Database>): Promise<number> {
  const { rows } = await sql<{ pid: string }>`
    select split_part(pg_read_file('postmaster.pid'), chr(10), 1) as pid`.execute(db);
  return Number(rows[0]?.pid);
}

/** A new folder that everybody may enter, removed when the drill is over. */
export async function temporaryFolder(defer: DrillContext["defer"]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "lifecycle-drill-"));
  defer(() => rm(folder, { recursive: true, force: true }));
  await chmod(folder, 0o755);
  return folder;
}
