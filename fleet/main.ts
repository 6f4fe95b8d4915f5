import { startEmbeddedPostgres } from "../db/embedded.ts";
import { createDatabase, explainDatabaseProblem } from "../db/client.ts";
import { migrateUp } from "../db/migrate.ts";
import { readDatabaseConfig } from "../db/config.ts";
import { seedDemo } from "../db/seed/seed.ts";
import { integerFlag, readCommandLine } from "../lib/command-line.ts";
import { createLog } from "../lib/log.ts";
import { runProcess } from "../lib/process.ts";
import { startFleet } from "./fleet.ts";
import { startFront } from "./front.ts";

const USAGE = `npm run fleet -- [--port N]

Starts two gateways, two of each subgraph and the mocks on one PostgreSQL, behind one address: port 4000 unless told
otherwise, 0 for a free one.`;

/** `npm run fleet`: two of everything on one PostgreSQL, behind one address, to look at and to break by hand. */
await runProcess(async () => {
  const { values } = readCommandLine(USAGE, { options: { port: { type: "string", default: "4000" } } });
  const port = integerFlag("port", values.port, { min: 0, max: 65_535 });
  const running = new AsyncDisposableStack();
  const config = readDatabaseConfig();
  const log = createLog({ name: "fleet", level: "warn" });
  try {
    const databaseUrl = config.DATABASE_URL ?? (await startDatabase(config.DATA_DIR, running));
    const { db, close } = createDatabase({ url: databaseUrl, maxConnections: 1, statementTimeoutMs: 0, log });
    await migrateUp(db);
    await seedDemo(db);
    await close();
    const fleet = await startFleet({ databaseUrl, gateways: 2, plms: 2, catalogs: 2 });
    running.defer(fleet.close);
    const front = await startFront(fleet.gateways, port);
    running.defer(() => front.close());
    process.stdout.write(`
  Front           ${front.url}/        (each connection goes to the next gateway)
${fleet.members.map(({ name, url }) => `  ${name.padEnd(15)} ${url}`).join("\n")}
  mocks           ${fleet.urls.pas} (executor)   ${fleet.urls.plm} (PLM)

  Token of an administrator, good for 6 hours:

    ${await fleet.token("admin")}

  Ctrl-C stops everything.
`);
    return { close: () => running.disposeAsync() };
  } catch (error) {
    await running.disposeAsync();
    throw config.DATABASE_URL === undefined ? error : explainDatabaseProblem(error, config.DATABASE_URL);
  }
});

async function startDatabase(dataDir: string, running: AsyncDisposableStack): Promise<string> {
  const server = await startEmbeddedPostgres({
    dataDir: `${dataDir}/fleet`,
    log: createLog({ name: "postgres", level: "warn" }),
  });
  running.defer(() => server.stop());
  return server.url;
}
