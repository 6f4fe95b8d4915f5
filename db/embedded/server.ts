import { once } from "node:events";
import { readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { messageOf } from "../../lib/errors.ts";
import type { Cluster } from "./cluster.ts";
import { commandOf, identify } from "./process-table.ts";
import { run } from "./run.ts";

const WRONG_PASSWORD = "28P01";
const RETRY_MS = 200;
/** Starts fail for a moment after a crash, while the last of the old server's processes go. */
const START_ATTEMPTS = 5;
/** A server that is recovering from a crash answers late. */
const ANSWER_ATTEMPTS = 300;
/** Right after a crash everybody comes back at once, and the administrator waits like the others. */
const CONNECT_MS = 30_000;

/** The URL of a database of the cluster's server. */
export const urlOf = ({ password }: Cluster, port: number, database: string): string =>
  `postgresql://postgres:${password}@127.0.0.1:${port}/${database}`;

/**
 * Attaches to the cluster's server if it runs, starts it otherwise.
 *
 * @param wishedPort taken if it is free; any free port otherwise
 * @throws Error with the last words of the server when it does not start
 */
export async function ensureServer(
  cluster: Cluster,
  wishedPort = 0,
): Promise<{ port: number; isNew: boolean }> {
  for (let attempt = 1; ; attempt += 1) {
    const running = await runningPort(cluster);
    try {
      if (running !== undefined) {
        await withAdmin(cluster, running, () => Promise.resolve());
        return { port: running, isNew: false };
      }
      return { port: await startServer(cluster, wishedPort), isNew: true };
    } catch (error) {
      const isRefused = (error as { code?: string }).code === WRONG_PASSWORD;
      if (isRefused || attempt >= (running === undefined ? START_ATTEMPTS : ANSWER_ATTEMPTS)) throw error;
      await sleep(RETRY_MS);
    }
  }
}

/** Ends the server, cutting the connections that are left; nothing committed is lost. */
export async function stopServer(cluster: Cluster): Promise<void> {
  if ((await runningPort(cluster)) === undefined) return;
  await run(cluster.binaries.pg_ctl, ["-D", cluster.folder, "-m", "fast", "-w", "stop"], cluster.account);
}

/** Does something over one connection as the administrator. */
export async function withAdmin<T>(
  cluster: Cluster,
  port: number,
  action: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client({
    connectionString: urlOf(cluster, port, "postgres"),
    connectionTimeoutMillis: CONNECT_MS,
  });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return await action(client);
  } finally {
    await client.end();
  }
}

/**
 * The port of the cluster's living server. The file of a dead one is removed: PostgreSQL itself would refuse to
 * start when the number of the dead process belongs to another process by now.
 */
async function runningPort({ folder }: Cluster): Promise<number | undefined> {
  const file = join(folder, "postmaster.pid");
  const [pid = "", , , port = ""] = (await readFile(file, "utf8").catch(() => "")).split("\n");
  if (pid === "") return undefined;
  const isAlive = (await identify(Number(pid))) !== undefined;
  if (isAlive && (await commandOf(Number(pid))).includes(folder)) return Number(port);
  await rm(file, { force: true });
  return undefined;
}

async function startServer({ folder, binaries, account }: Cluster, wishedPort: number): Promise<number> {
  const port = (await freePort(wishedPort)) ?? (await freePort(0)) ?? wishedPort;
  const log = join(folder, "server.log");
  const flags = ["-D", folder, "-w", "-l", log, "-o", `-p ${port}`];
  try {
    await run(binaries.pg_ctl, [...flags, "start"], account);
  } catch (error) {
    const words = (await readFile(log, "utf8").catch(() => "")).trim().split("\n").slice(-8).join("\n");
    throw new Error(`The embedded PostgreSQL did not start: ${messageOf(error)}\n${words}`, { cause: error });
  }
  return port;
}

async function freePort(wished: number): Promise<number | undefined> {
  const server = createServer();
  try {
    server.listen(wished, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    return typeof address === "object" && address ? address.port : undefined;
  } catch {
    return undefined;
  } finally {
    server.close();
  }
}
