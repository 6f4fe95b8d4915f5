import { readlink, rm, symlink } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { identify, isRunning } from "./process-table.ts";

const POLL_MS = 25;

/**
 * Does something while no other process does it under the same lock file, and waits for its turn. The lock of a
 * process that died counts as free.
 *
 * The file is a symbolic link whose target names the owner: it comes into being with its content, so nobody ever
 * reads half a lock.
 *
 * @throws Error naming the file and its owner when the turn does not come within `patienceMs` (default one minute)
 */
export async function withLock<T>(path: string, action: () => Promise<T>, patienceMs = 60_000): Promise<T> {
  const me = (await identify(process.pid)) ?? String(process.pid);
  const givenUpAt = performance.now() + patienceMs;
  while (!(await tryCreate(path, me))) {
    const owner = await ownerOf(path);
    if (owner === undefined) continue;
    if (!(await isRunning(owner))) await breakLock(path, owner);
    else if (performance.now() < givenUpAt) await sleep(POLL_MS);
    else throw new Error(`Process ${owner.split("@")[0]} holds ${path} for too long; end it, or wait for it`);
  }
  try {
    return await action();
  } finally {
    await rm(path, { force: true });
  }
}

async function tryCreate(path: string, owner: string): Promise<boolean> {
  try {
    await symlink(owner, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

const ownerOf = (path: string) => readlink(path).catch(() => undefined);

/**
 * Removes the lock of a dead owner. Only one process at a time may do it for that owner, so nobody removes the lock of
 * the one who came next; when the remover dies too, the next remover finds a lock of a dead owner again.
 */
const breakLock = (path: string, deadOwner: string): Promise<void> =>
  withLock(`${path}.${deadOwner}`, async () => {
    if ((await ownerOf(path)) === deadOwner) await rm(path, { force: true });
  });
