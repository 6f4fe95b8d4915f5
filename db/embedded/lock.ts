import { randomUUID } from "node:crypto";
import { mkdir, readdir, readlink, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { identify, isRunning } from "./process-table.ts";

const POLL_MS = 25;

/** Does something while no other process does it under the same lock file, and waits a minute for its turn. */
export async function withLock<T>(path: string, action: () => Promise<T>): Promise<T> {
  const release = await takeLock(path, { patienceMs: 60_000 });
  try {
    return await action();
  } finally {
    await release();
  }
}

export interface LockOptions {
  patienceMs: number;
  /** What to tell somebody for whom it takes too long; default names the file and its owner. */
  busy?: (pid: string) => string;
}

/**
 * Takes a lock file and answers how to give it back. The lock of a process that died counts as free.
 *
 * The file is a symbolic link whose target names the owner: it comes into being with its content, so nobody ever
 * reads half a lock.
 *
 * @throws Error when another process holds it for longer than `patienceMs`
 */
export async function takeLock(
  path: string,
  {
    patienceMs,
    busy = (pid) => `Process ${pid} holds ${path} for too long; end it, or wait for it`,
  }: LockOptions,
): Promise<() => Promise<void>> {
  const me = await myIdentity();
  const givenUpAt = performance.now() + patienceMs;
  while (!(await tryCreate(path, me))) {
    const owner = await ownerOf(path);
    if (owner === undefined) continue;
    if (!(await isRunning(owner))) await breakLock(path, owner);
    else if (performance.now() < givenUpAt) await sleep(POLL_MS);
    else throw new Error(busy(owner.split("@")[0] ?? ""));
  }
  return () => rm(path, { force: true });
}

const myIdentity = async () => (await identify(process.pid)) ?? String(process.pid);

/**
 * Notes that this process uses what a folder is about.
 *
 * @returns how to leave; the answer of that is whether nobody else is left
 */
export async function noteUser(folder: string): Promise<() => Promise<boolean>> {
  await mkdir(folder, { recursive: true });
  const note = join(folder, randomUUID());
  await symlink(await myIdentity(), note);
  return async () => {
    await rm(note, { force: true });
    const isAlive = async (other: string) => {
      const user = await ownerOf(join(folder, other));
      return user !== undefined && isRunning(user);
    };
    const alive = await Promise.all((await readdir(folder)).map(isAlive));
    return !alive.includes(true);
  };
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
