import type { Kysely } from "kysely";
import { unlessAborted } from "../lib/deadline.ts";
import { createLog, type Log } from "../lib/log.ts";
import { createDatabase, explainDatabaseProblem } from "./client.ts";
import { readDatabaseConfig } from "./config.ts";
import { startEmbeddedPostgres } from "./embedded.ts";
import type { Database } from "./tables.ts";

/** What a command does with a database, whose URL has the password in it. */
type Work = (db: Kysely<Database>, url: string) => Promise<void>;

/**
 * Works with the database of the environment, over one connection without a limit of time: the server of `DATABASE_URL`,
 * or else the embedded one of `DATA_DIR`, which is stopped again if it was started for this. An interruption waits
 * for the statement under way.
 *
 * @param name of the command, in its log
 * @throws EnvironmentError, the signal's reason, or whatever `work` throws
 */
export async function withDatabase(name: string, interrupted: AbortSignal, work: Work): Promise<void> {
  const config = readDatabaseConfig();
  const log = createLog({ name, level: config.LOG_LEVEL });
  const running = new AsyncDisposableStack();
  try {
    const url = config.DATABASE_URL ?? (await startServer(config.DATA_DIR, { log, running }));
    const { db, close } = createDatabase({ url, maxConnections: 1, statementTimeoutMs: 0, log });
    running.defer(close);
    await unlessAborted(interrupted, () => work(db, url)).catch((error: unknown) => {
      throw config.DATABASE_URL === undefined ? error : explainDatabaseProblem(error, url);
    });
  } finally {
    await running.disposeAsync();
  }
}

async function startServer(
  dataDir: string,
  { log, running }: { log: Log; running: AsyncDisposableStack },
): Promise<string> {
  const server = await startEmbeddedPostgres({ dataDir, log });
  running.defer(() => server.stop());
  return server.url;
}
