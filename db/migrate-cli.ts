import { badInput } from "../lib/errors.ts";
import { runCommand } from "../lib/process.ts";
import { migrateDown, migrateUp } from "./migrate.ts";
import { withDatabase } from "./with-database.ts";

/** `node db/migrate-cli.ts up` applies what is missing; `down` takes the newest migration back. */
await runCommand(async (interrupted) => {
  const direction = process.argv[2];
  if (direction !== "up" && direction !== "down") throw badInput("command", direction, "up or down");
  await withDatabase("migrate", interrupted, async (db) => {
    const names = direction === "up" ? await migrateUp(db) : await migrateDown(db);
    const done = direction === "up" ? "applied" : "taken back";
    process.stdout.write(names.length === 0 ? "nothing to do\n" : `${done}: ${names.join(", ")}\n`);
  });
});
