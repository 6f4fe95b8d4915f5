import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql, type Kysely } from "kysely";
import { createDatabase } from "../../../db/client.ts";
import { startEmbeddedPostgres, type EmbeddedPostgres } from "../../../db/embedded.ts";
import { migrateUp } from "../../../db/migrate.ts";
import { seedDemo } from "../../../db/seed/seed.ts";
import type { Database } from "../../../db/tables.ts";
import { createLog } from "../../../lib/log.ts";
import type { DrillContext } from "./drill.ts";
import { own } from "./own.ts";

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
  const server = createServer(dataDir);
  defer(server.close);
  const { url } = await server.start();
  const connection = createDatabase({ url, maxConnections: 4, statementTimeoutMs: 60_000, log: log() });
  defer(() => connection.close());
  await migrateUp(connection.db);
  await seedDemo(connection.db);
  return {
    url,
    db: connection.db,
    stop: server.stop,
    start: async () => void (await server.start(Number(new URL(url).port))),
    kill: async () => void process.kill(await postmaster(connection.db), "SIGKILL"),
  };
}

/** A server that can be started again, until it is closed; what still starts then is stopped as soon as it has. */
function createServer(dataDir: string) {
  let newest: Promise<EmbeddedPostgres> | undefined;
  let isClosed = false;
  const stop = async () => {
    const server = await newest?.catch(() => undefined);
    await server?.stop();
  };
  return {
    start: (port = 0): Promise<EmbeddedPostgres> => {
      if (isClosed) throw new Error("the drill is over");
      newest = startEmbeddedPostgres({ dataDir, port, log: log() });
      return newest;
    },
    stop,
    close: (): Promise<void> => {
      isClosed = true;
      return stop();
    },
  };
}

async function postmaster(db: Kysely<Database>): Promise<number> {
  const { rows } = await sql<{ pid: string }>`
    select split_part(pg_read_file('postmaster.pid'), chr(10), 1) as pid`.execute(db);
  return Number(rows[0]?.pid);
}

/** A new folder that everybody may enter, removed when the drill is over. */
export async function temporaryFolder(defer: DrillContext["defer"]): Promise<string> {
  const folder = await own(
    defer,
    () => mkdtemp(join(tmpdir(), "lifecycle-drill-")),
    (made) => rm(made, { recursive: true, force: true }),
  );
  await chmod(folder, 0o755);
  return folder;
}
