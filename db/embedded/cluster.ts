import { randomBytes } from "node:crypto";
import { chown, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Account } from "./account.ts";
import { majorVersionOf, type Binaries } from "./binaries.ts";
import { run } from "./run.ts";

/** A folder of databases, and how to get in. */
export interface Cluster {
  folder: string;
  password: string;
  binaries: Binaries;
  /** Who the server runs as; undefined for ourselves. */
  account: Account | undefined;
}

/** On this machine only, by TCP only; a failing statement is its caller's business, not the log's. */
const SETTINGS = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "log_min_messages=log"];

/**
 * Opens the cluster of a place, or makes one. The password lies beside it, for its owner's eyes only.
 *
 * @throws Error that says what to do when another major version wrote it
 */
export async function openCluster(place: string, binaries: Binaries, account?: Account): Promise<Cluster> {
  const folder = join(place, "cluster");
  const major = await majorVersionOf(binaries, account);
  const written = await readFile(join(folder, "PG_VERSION"), "utf8").catch(() => undefined);
  if (written === undefined) await createCluster(place, binaries, account);
  else if (written.trim() !== major) throw new Error(otherMajor(folder, written.trim(), major));
  const password = await readFile(passwordFile(place), "utf8").catch(() => undefined);
  if (password === undefined) throw new Error(`${passwordFile(place)} is missing: ${wayOut(folder)}`);
  return { folder, password, binaries, account };
}

/** Under another name until it is whole, so that an interrupted start leaves nothing half made. */
async function createCluster(place: string, binaries: Binaries, account?: Account): Promise<void> {
  const unfinished = join(place, "cluster.unfinished");
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 });
  await writeFile(passwordFile(place), randomBytes(24).toString("hex"), { mode: 0o600 });
  if (account)
    for (const path of [unfinished, passwordFile(place)]) await chown(path, account.uid, account.gid);
  const access = ["-U", "postgres", "-A", "scram-sha-256", `--pwfile=${passwordFile(place)}`];
  const locale = ["-E", "UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
  const settings = SETTINGS.flatMap((setting) => ["-c", setting]);
  await run(binaries.initdb, ["-D", unfinished, ...access, ...locale, ...settings], account);
  await rename(unfinished, join(place, "cluster"));
}

const passwordFile = (place: string) => join(place, "password");

const otherMajor = (folder: string, written: string, major: string) =>
  `${folder} was written by PostgreSQL ${written}, and the embedded one is ${major}: ${wayOut(folder)}`;

const wayOut = (folder: string) =>
  `move ${folder} away to start afresh, or set DATABASE_URL to a PostgreSQL server that has the data`;
