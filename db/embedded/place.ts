import { createHash } from "node:crypto";
import { chmod, mkdir, realpath, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { systemUsers, type Account } from "./account.ts";

/** Where root keeps the server's files when the server's account cannot reach the data folder. */
export const SHARED_PLACE = "/var/lib/lifecycle-gateway";

/**
 * The folder of the server's files, created if need be, with every parent open to the server's account.
 *
 * That is `<dataDir>/postgres`, except for root with a data folder below a closed one (a project in /root, say):
 * we never open a home folder to others, so a folder of `sharedPlace`, named after the data folder, takes its place.
 */
export async function placeFor(
  dataDir: string,
  account: Account | undefined,
  { sharedPlace = SHARED_PLACE, homes = allHomes() } = {},
): Promise<string> {
  await mkdir(dataDir, { recursive: true, mode: 0o755 });
  const folder = await realpath(dataDir);
  if (!account) return makePlace(join(folder, "postgres"));
  if ((await isReachable(dirname(folder), account)) && !homes.includes(folder)) await open(folder);
  if (await isReachable(folder, account)) return makePlace(join(folder, "postgres"));
  await mkdir(sharedPlace, { recursive: true });
  await open(sharedPlace);
  return makePlace(join(sharedPlace, createHash("sha256").update(folder).digest("hex").slice(0, 16)));
}

/** Whether an account may pass through a folder (or execute a file) and all folders above it. */
export async function isReachable(path: string, account: Account): Promise<boolean> {
  const { mode, uid, gid } = await stat(path);
  const shift = uid === account.uid ? 6 : gid === account.gid ? 3 : 0;
  if (((mode >> shift) & 1) === 0) return false;
  return path === dirname(path) || isReachable(dirname(path), account);
}

async function makePlace(path: string): Promise<string> {
  await mkdir(path, { recursive: true });
  await open(path);
  return path;
}

/** Lets others pass through, not look around; whatever the umask was. */
async function open(folder: string): Promise<void> {
  const { mode } = await stat(folder);
  if ((mode & 0o001) === 0) await chmod(folder, (mode & 0o777) | 0o001);
}

const allHomes = (): readonly string[] => [homedir(), ...systemUsers().map(({ home }) => home)];
