import { badInput, messageOf } from "../lib/errors.ts";
import { createLog, type Log } from "../lib/log.ts";
import { createDatabase } from "./client.ts";
import { readDatabaseConfig } from "./config.ts";
import { startEmbeddedPostgres } from "./embedded.ts";
import { migrateDown, migrateUp } from "./migrate.ts";

/** `node db/migrate-cli.ts up` applies what is missing; `down` takes the newest migration back. */
async function main(direction: string | undefined): Promise<void> {
  if (direction !== "up" && direction !== "down") throw badInput("command", direction, "up or down");
  const config = readDatabaseConfig();
  const log = createLog({ name: "migrate", level: config.LOG_LEVEL });
  if (config.DATABASE_URL !== undefined) return migrate(config.DATABASE_URL, direction, log);
  const server = await startEmbeddedPostgres({ dataDir: config.DATA_DIR, log });
  try {
    await migrate(server.url, direction, log);
  } finally {
    await server.stop();
  }
}

async function migrate(url: string, direction: "up" | "down", log: Log): Promise<void> {
  const { db, close } = createDatabase({ url, maxConnections: 1, statementTimeoutMs: 0, log });
  try {
    const names = direction === "up" ? await migrateUp(db) : await migrateDown(db);
    const done = direction === "up" ? "applied" : "taken back";
    process.stdout.write(names.length === 0 ? "nothing to do\n" : `${done}: ${names.join(", ")}\n`);
  } finally {
    await close();
  }
}

try {
  await main(process.argv[2]);
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
}
