import { join, resolve } from "node:path";
import { explainFolderProblem } from "../lib/data-folder.ts";
import type { Log } from "../lib/log.ts";
import { serverAccount } from "./embedded/account.ts";
import { binariesWithin, findBinaries } from "./embedded/binaries.ts";
import { openCluster, type Cluster } from "./embedded/cluster.ts";
import { noteUser, withLock } from "./embedded/lock.ts";
import { placeFor } from "./embedded/place.ts";
import { ensureServer, stopServer, urlOf, withAdmin } from "./embedded/server.ts";

export interface EmbeddedPostgres {
  /** Of the database `lifecycle`, password included. */
  url: string;
  /** False when the server was running already. */
  startedHere: boolean;
  /**
   * Stops the server unless another process uses it: whoever leaves last stops it. Connections of those who only know
   * its address are cut by the process that started it, and keep it running when another one leaves.
   */
  stop: () => Promise<void>;
}

export interface EmbeddedPostgresOptions {
  /** The folder that keeps the data; created if need be. */
  dataDir: string;
  /** Wished for; another one is taken when it is in use, and a running server keeps its own. Default: any. */
  port?: number;
  /** True to begin with an empty database; default false. */
  reset?: boolean;
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
        const leave = await noteUser(join(place, "users"));
        if (options.reset) await dropDatabase(cluster, port);
        await createMissingDatabase(cluster, port);
        options.log.info({ place, port, startedHere: isNew }, "embedded PostgreSQL is ready");
        const stop = () =>
          withLock(lock, async () => {
            if ((await leave()) && (isNew || !(await isConnectedTo(cluster, port))))
              await stopServer(cluster);
          });
        return { url: urlOf(cluster, port, DATABASE), startedHere: isNew, stop };
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

/** Whether a client is connected, perhaps one that was not noted. A server that does not answer has none. */
const isConnectedTo = (cluster: Cluster, port: number): Promise<boolean> =>
  withAdmin(cluster, port, async (client) => {
    const others = `select 1 from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`;
    return (await client.query(others)).rowCount !== 0;
  }).catch(() => false);

const dropDatabase = (cluster: Cluster, port: number): Promise<unknown> =>
  withAdmin(cluster, port, (client) => client.query(`drop database if exists ${DATABASE} with (force)`));

async function createMissingDatabase(cluster: Cluster, port: number): Promise<void> {
  await withAdmin(cluster, port, async (client) => {
    const existing = await client.query("select 1 from pg_database where datname = $1", [DATABASE]);
    if (existing.rowCount === 0) await client.query(`create database ${DATABASE}`);
  });
}
