import { userInfo } from "node:os";
import { withDatabase } from "../../../db/with-database.ts";
import { systemClock } from "../../../lib/clock.ts";
import { badInput } from "../../../lib/errors.ts";
import { runCommand } from "../../../lib/process.ts";
import { archiveProducts, restoreProducts, type ArchivedRows } from "./adapters/product-archive.ts";
import { repairDifferences } from "./adapters/repair.ts";
import { importBill, readImportRequest } from "./import-command.ts";

/** What the command takes, in the order of its words. */
const USAGE =
  "import FILE --model CODE (import --help tells more), repair ID… [--write], archive FILE or restore FILE";

/**
 * `npm run products -- import FILE --model CODE` reads a bill of materials into the MRP's product tables;
 * `npm run products -- repair ID…` makes the tables say what the PLM said in differences that were shown;
 * `npm run products -- archive FILE` writes the tables into a file and removes them, once the PLM is in charge;
 * `npm run products -- restore FILE` brings them back.
 */
await runCommand(async (interrupted) => {
  const [action, file, ...more] = process.argv.slice(2);
  if (action === "import") {
    const request = readImportRequest();
    const print = (line: string) => void process.stdout.write(`${line}\n`);
    return withDatabase("products", interrupted, (db) => importBill(db, request, print));
  }
  if (action === "repair" && file !== undefined) {
    const words = [file, ...more];
    const order = {
      ids: words.filter((word) => word !== "--write"),
      by: userInfo().username,
      at: systemClock.now(),
      isTrial: !words.includes("--write"),
    };
    if (order.ids.length === 0) throw badInput("command", process.argv.slice(2).join(" "), USAGE);
    return withDatabase("products", interrupted, async (db) => {
      const done = order.isTrial ? "would repair" : "repaired";
      for (const { path, before, after } of await repairDifferences(db, order))
        process.stdout.write(`${done}  ${path}: ${JSON.stringify(before)} → ${JSON.stringify(after)}\n`);
      if (order.isTrial) process.stdout.write("nothing was written: this was a trial, --write writes\n");
    });
  }
  if ((action !== "archive" && action !== "restore") || file === undefined || more.length > 0)
    throw badInput("command", process.argv.slice(2).join(" "), USAGE);
  return withDatabase("products", interrupted, async (db) => {
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
