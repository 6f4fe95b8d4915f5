import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, readlink, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { serverAccount } from "../../db/embedded/account.ts";
import { binariesWithin, findBinaries, majorVersionOf, type Binaries } from "../../db/embedded/binaries.ts";
import { takeLock, withLock } from "../../db/embedded/lock.ts";
import { isReachable } from "../../db/embedded/place.ts";
import { commandOf, identify, isRunning } from "../../db/embedded/process-table.ts";
import { run } from "../../db/embedded/run.ts";
import { temporaryFolder } from "../support/temporary-folders.ts";
import { waitFor } from "../../lib/wait.ts";

describe("the lock file", () => {
  test("lets one in at a time, whatever happens to it inside", async () => {
    const path = join(await temporaryFolder(), "lock");
    let inside = 0;
    let most = 0;
    const visits = Array.from({ length: 20 }, (_, index) =>
      withLock(path, async () => {
        inside += 1;
        most = Math.max(most, inside);
        await new Promise(setImmediate);
        inside -= 1;
        if (index % 3 === 0) throw new Error("inside");
        return index;
      }),
    );
    const outcomes = await Promise.allSettled(visits);
    expect(outcomes.filter(({ status }) => status === "rejected")).toHaveLength(7);
    expect(most).toBe(1);
  });

  test("counts as free when its owner is dead, for exactly one of those who wait", async () => {
    const path = join(await temporaryFolder(), "lock");
    await symlink("999999@123", path);
    const order: string[] = [];
    const visit = (name: string) =>
      withLock(path, async () => {
        order.push(`${name} in`);
        await new Promise(setImmediate);
        order.push(`${name} out`);
      });
    await Promise.all([visit("a"), visit("b"), visit("c")]);
    const visitors = order.filter((_, index) => index % 2 === 0).map((step) => step.replace(" in", ""));
    expect(order).toEqual(visitors.flatMap((name) => [`${name} in`, `${name} out`]));
    expect(visitors.toSorted()).toEqual(["a", "b", "c"]);
  });

  test("counts as free when another process has the number of its owner by now", async () => {
    const path = join(await temporaryFolder(), "lock");
    await symlink(`${process.pid}@1`, path);
    expect(await withLock(path, () => readlink(path))).toBe(await identify(process.pid));
  });

  test("names its owner to those who run out of patience", async () => {
    const path = join(await temporaryFolder(), "lock");
    await withLock(path, async () => {
      await expect(takeLock(path, { patienceMs: 50 })).rejects.toThrow(
        `Process ${process.pid} holds ${path} for too long; end it, or wait for it`,
      );
    });
  });

  test("cannot be taken in a folder that does not exist", async () => {
    await expect(
      withLock(join(await temporaryFolder(), "no", "lock"), () => Promise.resolve()),
    ).rejects.toThrow("ENOENT");
  });
});

describe("the process table", () => {
  test("tells a living process from one that is gone", async () => {
    const child = spawn("sleep", ["60"]);
    const pid = child.pid ?? 0;
    const identity = await waitFor<string | undefined>(() => identify(pid));
    expect(await isRunning(identity)).toBe(true);
    expect(await waitFor(async () => /sleep 60/.exec(await commandOf(pid)))).toBeTruthy();
    child.kill("SIGKILL");
    await once(child, "close");
    expect(await isRunning(identity)).toBe(false);
    expect(await commandOf(pid)).toBe("");
  });

  test("takes a zombie for dead", async () => {
    const parent = spawn("sh", ["-c", "sleep 0.1 & echo $!; exec sleep 60"], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    onTestFinished(() => void parent.kill("SIGKILL"));
    const [chunk] = (await once(parent.stdout, "data")) as [Buffer];
    const zombie = Number(chunk.toString());
    await waitFor(async () => (await identify(zombie)) === undefined, { what: "the child to die" });
    expect(() => process.kill(zombie, 0)).not.toThrow();
  });
});

describe("the programs", () => {
  test("are missing on a platform without a package, and say what to do", async () => {
    await expect(findBinaries("plan9-mips")).rejects.toThrow(
      /No embedded PostgreSQL is installed for plan9-mips: set DATABASE_URL/,
    );
  });

  test("are used where they are when they can be reached", async () => {
    const found = await findBinaries();
    expect(await majorVersionOf(found)).toBe("18");
    expect(await binariesWithin("/nowhere", found)).toBe(found);
  });

  test("say what to do when they do not run", async () => {
    const folder = await temporaryFolder();
    const postgres = join(folder, "postgres");
    await writeFile(postgres, "#!/bin/sh\necho libpq.so: cannot open shared object file >&2; exit 127\n", {
      mode: 0o755,
    });
    await expect(majorVersionOf({ postgres, initdb: "", pg_ctl: "" })).rejects.toThrow(
      /does not run on this machine .*cannot open shared object file.*; run "npm rebuild" .* or set DATABASE_URL/,
    );
  });

  test.runIf(process.getuid?.() === 0)(
    "are copied once to where the server's account can execute them",
    async () => {
      const account = serverAccount();
      const [home, place] = [await temporaryFolder(), await temporaryFolder()];
      const found = await plantPackage(join(home, "package"));
      await chmod(home, 0o700);
      const copied = await binariesWithin(place, found, account);
      expect(dirname(copied.postgres)).toBe(join(place, "binaries-1.2.3", "bin"));
      expect(account && (await isReachable(copied.postgres, account))).toBe(true);
      expect(await run(copied.postgres, [], account)).toBe("library");
      const { birthtimeMs } = await stat(copied.postgres);
      await binariesWithin(place, found, account);
      expect((await stat(copied.postgres)).birthtimeMs).toBe(birthtimeMs);
    },
  );
});

/** Looks like an npm package of the programs: one script that reads a library through a link. */
async function plantPackage(root: string): Promise<Binaries> {
  await mkdir(join(root, "native", "bin"), { recursive: true });
  await mkdir(join(root, "native", "lib"), { mode: 0o700 });
  await writeFile(join(root, "package.json"), '{"version":"1.2.3"}');
  await writeFile(join(root, "native", "lib", "lib.so.1"), "library", { mode: 0o600 });
  await symlink("lib.so.1", join(root, "native", "lib", "lib.so"));
  const postgres = join(root, "native", "bin", "postgres");
  await writeFile(postgres, '#!/bin/sh\nexec /bin/cat "${0%/*}/../lib/lib.so"\n', { mode: 0o700 });
  return { postgres, initdb: postgres, pg_ctl: postgres };
}

test("a program that prints and fails is quoted", async () => {
  await expect(run("/bin/sh", ["-c", "echo why; exit 3"])).rejects.toThrow("/bin/sh ended with 3: why");
});
