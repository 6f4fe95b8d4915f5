import { createDatabase } from "../../db/client.ts";
import { startEmbeddedPostgres } from "../../db/embedded.ts";
import { migrateUp } from "../../db/migrate.ts";
import { messageOf } from "../../lib/errors.ts";
import { createLog } from "../../lib/log.ts";

/**
 * `embedded-child.ts DIR attach` starts or attaches, says so on a line of JSON, and stops when it is told to end.
 * `embedded-child.ts DIR write` writes row after row for ever, and prints the id of each once it is committed.
 */
const [dataDir = "", mode = "attach"] = process.argv.slice(2);
const log = createLog({ name: "child", level: "silent" });

try {
  const server = await startEmbeddedPostgres({ dataDir, log });
  process.once("SIGTERM", () => void server.stop().then(() => process.exit(0)));
  process.stdout.write(`${JSON.stringify({ url: server.url, startedHere: server.startedHere })}\n`);
  if (mode === "write") await writeForEver(server.url);
  else setInterval(() => undefined, 60_000);
} catch (error) {
  process.stderr.write(messageOf(error));
  process.exitCode = 1;
}

async function writeForEver(url: string): Promise<void> {
  const { db } = createDatabase({ url, log });
  await migrateUp(db);
  for (let id = 1; ; id += 1) {
    await db
      .insertInto("plms.lanes")
      .values({ id, name: `lane ${id}` })
      .execute();
    process.stdout.write(`${id}\n`);
  }
}
