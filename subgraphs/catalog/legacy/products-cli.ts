import { withDatabase } from "../../../db/with-database.ts";
import { systemClock } from "../../../lib/clock.ts";
import { badInput } from "../../../lib/errors.ts";
import { runCommand } from "../../../lib/process.ts";
import { archiveProducts, restoreProducts, type ArchivedRows } from "./adapters/product-archive.ts";

/** What the command takes, in the order of its words. */
const USAGE = "archive FILE or restore FILE";

/**
 * `npm run products -- archive FILE` writes the MRP's product tables into a file and removes them, once the PLM is in
 * charge; `npm run products -- restore FILE` brings them back.
 */
await runCommand(async (interrupted) => {
  const [action, file, ...more] = process.argv.slice(2);
  if ((action !== "archive" && action !== "restore") || file === undefined || more.length > 0)
    throw badInput("command", process.argv.slice(2).join(" "), USAGE);
  await withDatabase("products", interrupted, async (db) => {
    const rows =
      action === "archive"
        ? await archiveProducts(db, file, systemClock.now())
        : await restoreProducts(db, file);
    process.stdout.write(`${asText(action, rows)}\n`);
  });
});

function asText(action: string, rows: ArchivedRows): string {
  const done = action === "archive" ? "archived and removed" : "restored";
  return Object.entries(rows)
    .map(([table, count]) => `${done}  catalog.${table}: ${count} rows`)
    .join("\n");
}
