import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { createDatabase } from "../../db/client.ts";
import { startEmbeddedPostgres, type EmbeddedPostgres } from "../../db/embedded.ts";
import { run } from "../../db/embedded/run.ts";
import { migrateUp } from "../../db/migrate.ts";
import { quietLog } from "../support/quiet-log.ts";
import { temporaryFolder } from "../support/temporary-folders.ts";
import { waitFor } from "../../lib/wait.ts";
import { startChild } from "./embedded-children.ts";
import { isFull } from "../support/depth.ts";

let prepared: string;
beforeAll(async () => {
  prepared = await mkdtemp(join(tmpdir(), "lifecycle-"));
  await chmod(prepared, 0o755);
  await (await startEmbeddedPostgres({ dataDir: prepared, log: quietLog })).stop();
});
afterAll(() => rm(prepared, { recursive: true, force: true }));

describe.runIf(isFull)("the embedded PostgreSQL", () => {
  test("keeps its data over a restart", async () => {
    const dataDir = await temporaryFolder();
    const first = await start(dataDir);
    expect(first).toMatchObject({
      startedHere: true,
      url: expect.stringMatching(/127\.0\.0\.1:\d+\/lifecycle$/),
    });
    await query(first.url, async ({ db }) => {
      await migrateUp(db);
      await db.insertInto("plms.lanes").values({ id: 1, name: "kept" }).execute();
    });
    await first.stop();
    await expect(lanesOf(first.url)).rejects.toThrow("ECONNREFUSED");
    await first.stop();
    expect(await lanesOf((await start(dataDir)).url)).toEqual([1]);
  });

  test("lets nobody in without the password, which only the owner may read", async () => {
    const dataDir = await stoppedCluster();
    const wrong = new URL((await start(dataDir)).url);
    wrong.password = "guess";
    await expect(lanesOf(wrong.href)).rejects.toThrow("password authentication failed");
    expect((await stat(join(dataDir, "postgres", "password"))).mode & 0o077).toBe(0);
  });

  test("is started by one of two processes that ask at once, and ends with the last of them", async () => {
    const dataDir = await temporaryFolder();
    const children = [startChild(dataDir), startChild(dataDir)];
    const servers = await Promise.all(children.map((child) => child.server()));
    expect(servers.filter(({ startedHere }) => startedHere)).toHaveLength(1);
    expect(new Set(servers.map(({ url }) => url)).size).toBe(1);
    const url = servers[0]?.url ?? "";
    const starter = servers.findIndex(({ startedHere }) => startedHere);
    await children[starter]?.end("SIGTERM");
    await query(url, ({ ping }) => ping());
    await children[1 - starter]?.end("SIGTERM");
    await expect(query(url, ({ ping }) => ping())).rejects.toThrow("ECONNREFUSED");
  });

  test("loses no acknowledged row when its process, and then the server itself, is killed", async () => {
    const dataDir = await stoppedCluster();
    const writer = startChild(dataDir, "write");
    const { url } = await writer.server();
    const acknowledged = await writer.ids(200);
    await writer.end("SIGKILL");
    acknowledged.push(...(await writer.ids()));

    const adopted = await start(dataDir);
    expect(adopted).toMatchObject({ url, startedHere: false });
    expect(await lanesOf(adopted.url)).toEqual(expect.arrayContaining(acknowledged));

    process.kill(await postmasterOf(dataDir), "SIGKILL");
    const recovered = await start(dataDir);
    expect(recovered.startedHere).toBe(true);
    expect(await lanesOf(recovered.url)).toEqual(expect.arrayContaining(acknowledged));
  });

  test("is left to those who still use it when its starter was killed", async () => {
    const dataDir = await stoppedCluster();
    const starter = startChild(dataDir);
    const { url } = await starter.server();
    await query(url, async ({ ping }) => {
      await ping();
      await starter.end("SIGKILL");
      const attached = await start(dataDir);
      expect(attached.startedHere).toBe(false);
      await attached.stop();
      await ping();
    });
    const left = async () => {
      await (await start(dataDir)).stop();
      return query(url, ({ ping }) => ping()).catch((error: { code: string }) => error.code);
    };
    await waitFor(async () => (await left()) === "ECONNREFUSED", { what: "the end of the server" });
  });

  test("takes another port when the wished one is in use, and keeps it for those who attach", async () => {
    const dataDir = await stoppedCluster();
    const squatter = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void squatter.close());
    await once(squatter, "listening");
    const address = squatter.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    const server = await start(dataDir, port);
    expect(new URL(server.url).port).not.toBe(String(port));
    const attached = await start(dataDir, port + 1);
    expect(attached).toMatchObject({ url: server.url, startedHere: false });
  });

  test("starts over what a crash left behind: a lock, half a cluster, a process number that is somebody else's now", async () => {
    const dataDir = await temporaryFolder();
    const place = join(dataDir, "postgres");
    await mkdir(join(place, "cluster.unfinished", "base"), { recursive: true });
    await symlink("999999@1", join(place, "lock"));
    const first = await start(dataDir);
    const { port } = new URL(first.url);
    await first.stop();
    const stale = [process.pid, join(place, "cluster"), 1, port, "", "127.0.0.1", "", "ready", ""].join("\n");
    await writeFile(join(place, "cluster", "postmaster.pid"), stale);
    expect((await start(dataDir)).startedHere).toBe(true);
  });
});

test.runIf(isFull)("leaves no server behind when it cannot keep what it needs beside it", async () => {
  const dataDir = await stoppedCluster();
  const users = join(dataDir, "postgres", "users");
  await rm(users, { recursive: true, force: true });
  await writeFile(users, "");
  await expect(start(dataDir)).rejects.toThrow(users);
  await expect(postmasterOf(dataDir)).rejects.toThrow("ENOENT");
});

describe.runIf(isFull)("the embedded PostgreSQL says what to do", () => {
  test("when another major version wrote the data", async () => {
    const dataDir = await stoppedCluster();
    await writeFile(join(dataDir, "postgres", "cluster", "PG_VERSION"), "15\n");
    await expect(start(dataDir)).rejects.toThrow(
      /was written by PostgreSQL 15, and the embedded one is 18: move .* away .* or set DATABASE_URL/,
    );
  });

  test("when the server does not come up, in the server's own words", async () => {
    const dataDir = await stoppedCluster();
    await writeFile(
      join(dataDir, "postgres", "cluster", "postgresql.auto.conf"),
      "shared_buffers = 'plenty'\n",
    );
    await expect(start(dataDir)).rejects.toThrow(/did not start: [\s\S]*shared_buffers[\s\S]*plenty/);
  });

  test("when its password is gone", async () => {
    const dataDir = await stoppedCluster();
    await rm(join(dataDir, "postgres", "password"));
    await expect(start(dataDir)).rejects.toThrow(/password is missing: move .* away .* or set DATABASE_URL/);
  });

  test("when the data folder is a file", async () => {
    const file = join(await temporaryFolder(), "data");
    await writeFile(file, "");
    await expect(start(file)).rejects.toThrow(
      `The data folder ${file} cannot be used (not a folder: ${file}): choose another one with DATA_DIR, or set`,
    );
  });
});

/** A folder with a cluster in it whose server was stopped: a copy, because making one takes a second. */
async function stoppedCluster(): Promise<string> {
  const dataDir = await temporaryFolder();
  await run("/bin/cp", ["-a", join(prepared, "postgres"), dataDir]);
  return dataDir;
}

async function start(dataDir: string, port?: number): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataDir, log: quietLog, ...(port !== undefined && { port }) });
  onTestFinished(() => server.stop());
  return server;
}

async function query<T>(
  url: string,
  action: (connection: ReturnType<typeof createDatabase>) => Promise<T>,
): Promise<T> {
  const connection = createDatabase({ url, log: quietLog });
  try {
    return await action(connection);
  } finally {
    await connection.close();
  }
}

const lanesOf = (url: string): Promise<number[]> =>
  query(url, async ({ db }) =>
    (await db.selectFrom("plms.lanes").select("id").execute()).map(({ id }) => id),
  );

async function postmasterOf(dataDir: string): Promise<number> {
  return Number.parseInt(await readFile(join(dataDir, "postgres", "cluster", "postmaster.pid"), "utf8"), 10);
}
