import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { explainFolderProblem } from "../lib/data-folder.ts";
import type { Log } from "../lib/log.ts";
import { serverAccount } from "./embedded/account.ts";
import { binariesWithin, findBinaries } from "./embedded/binaries.ts";
import { openCluster, type Cluster } from "./embedded/cluster.ts";
import { withLock } from "./embedded/lock.ts";
import { placeFor } from "./embedded/place.ts";
import { identify, isRunning } from "./embedded/process-table.ts";
import { ensureServer, stopServer, urlOf, withAdmin } from "./embedded/server.ts";

export interface EmbeddedPostgres {
  /** Of the database `lifecycle`, password included. */
  url: string;
  /** True when this process has to stop it: it started the server, or found it with nobody left to care. */
  startedHere: boolean;
  /** Stops the server if it was started here, cutting the connections that are left; harmless otherwise. */
  stop: () => Promise<void>;
}

export interface EmbeddedPostgresOptions {
  /** The folder that keeps the data; created if need be. */
  dataDir: string;
  /** Wished for; another one is taken when it is in use, and a running server keeps its own. Default: any. */
  port?: number;
  log: Log;
}

const DATABASE = "lifecycle";

/**
 * A PostgreSQL of our own on this machine, from the programs in the npm package. Several processes may ask for the
 * same data folder at once: one starts the server, the others attach to it.
 *
 * @throws Error that says what to do: bad data folder, no program for the platform, data of another major version
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const dataDir = resolve(options.dataDir);
  const account = serverAccount();
  const found = await findBinaries();
  try {
    const place = await placeFor(dataDir, account);
    const lock = join(place, "lock");
    return await withLock(lock, async () => {
      const cluster = await openCluster(place, await binariesWithin(place, found, account), account);
      const { port, isNew } = await ensureServer(cluster, options.port);
      try {
        const startedHere = isNew || (await isOrphan(place, cluster, port));
        if (startedHere) await writeFile(ownerFile(place), (await identify(process.pid)) ?? "");
        await createMissingDatabase(cluster, port);
        options.log.info({ place, port, startedHere }, "embedded PostgreSQL is ready");
        const stop = () => withLock(lock, () => stopServer(cluster));
        const url = urlOf(cluster, port, DATABASE);
        return { url, startedHere, stop: startedHere ? stop : () => Promise.resolve() };
      } catch (error) {
        // A server that nobody was told of, on a disk that is full perhaps, would run for ever.
        if (isNew) await stopServer(cluster);
        throw error;
      }
    });
  } catch (error) {
    throw explainFolderProblem(error, dataDir);
  }
}

/** Its owner was killed, and nobody is connected: without us it would run for ever. */
async function isOrphan(place: string, cluster: Cluster, port: number): Promise<boolean> {
  const owner = await readFile(ownerFile(place), "utf8").catch(() => "");
  if (owner !== "" && (await isRunning(owner))) return false;
  return withAdmin(cluster, port, async (client) => {
    const others = `select 1 from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`;
    return (await client.query(others)).rowCount === 0;
  });
}

async function createMissingDatabase(cluster: Cluster, port: number): Promise<void> {
  await withAdmin(cluster, port, async (client) => {
    const existing = await client.query("select 1 from pg_database where datname = $1", [DATABASE]);
    if (existing.rowCount === 0) await client.query(`create database ${DATABASE}`);
  });
}

const ownerFile = (place: string) => join(place, "owner");
