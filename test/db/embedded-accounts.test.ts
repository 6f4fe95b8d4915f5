import { chmod, chown, mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { serverAccount, systemUsers, type Account } from "../../db/embedded/account.ts";
import { isReachable, placeFor, SHARED_PLACE } from "../../db/embedded/place.ts";
import { startEmbeddedPostgres } from "../../db/embedded.ts";
import { createDatabase } from "../../db/client.ts";
import { quietLog } from "../support/quiet-log.ts";
import { temporaryFolder } from "../support/temporary-folders.ts";
import { startChild } from "./embedded-children.ts";
import { isFull } from "../support/depth.ts";

const PASSWD = [
  "root:x:0:0:root:/root:/bin/bash",
  "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin",
  "postgres:x:101:104::/var/lib/postgresql:/bin/bash",
  "",
].join("\n");

describe("the account of the server", () => {
  test("is our own unless we are root", () => {
    expect(serverAccount(1000, systemUsers(PASSWD))).toBeUndefined();
  });

  test("is postgres for root, or nobody where there is no postgres", () => {
    const users = systemUsers(PASSWD);
    expect(serverAccount(0, users)).toEqual({ uid: 101, gid: 104 });
    expect(
      serverAccount(
        0,
        users.filter(({ name }) => name !== "postgres"),
      ),
    ).toEqual({ uid: 65534, gid: 65534 });
  });

  test("is asked for in plain words when root has neither", () => {
    expect(() => serverAccount(0, [])).toThrow("start as an ordinary user, or set DATABASE_URL");
  });
});

const isRoot = process.getuid?.() === 0;
const nobody = systemUsers().find(({ name }) => name === "nobody");
const here = fileURLToPath(import.meta.url);
const canBeNobody =
  isRoot &&
  nobody !== undefined &&
  (await isReachable(dirname(here), nobody)) &&
  (await isReachable(process.execPath, nobody));

describe.runIf(isRoot && isFull)("root", () => {
  test("keeps the server's files in the data folder when the server's account can get there", async () => {
    const folder = await temporaryFolder();
    await chmod(folder, 0o700);
    expect(await placeFor(folder, ownAccount())).toBe(join(folder, "postgres"));
    expect(await isReachable(join(folder, "postgres"), ownAccount())).toBe(true);
  });

  test("keeps them elsewhere when the data folder lies below a closed one, which stays closed", async () => {
    const [home, elsewhere] = [await temporaryFolder(), await temporaryFolder()];
    await chmod(home, 0o700);
    const placeOfProject = () =>
      placeFor(join(home, "project", ".data"), ownAccount(), { sharedPlace: elsewhere, homes: [] });
    const place = await placeOfProject();
    expect(dirname(place)).toBe(elsewhere);
    expect(await placeOfProject()).toBe(place);
    expect(await isReachable(home, ownAccount())).toBe(false);
  });

  test("never opens a home, not even one that is named as the data folder", async () => {
    const [home, elsewhere] = [await temporaryFolder(), await temporaryFolder()];
    await chmod(home, 0o700);
    const place = await placeFor(home, ownAccount(), { sharedPlace: elsewhere, homes: [home] });
    expect(dirname(place)).toBe(elsewhere);
    expect(await isReachable(home, ownAccount())).toBe(false);
  });

  test("runs a server for a project below a closed home", async () => {
    const home = await temporaryFolder();
    await chmod(home, 0o700);
    const dataDir = join(home, "project", ".data");
    const place = await placeFor(dataDir, ownAccount());
    expect(dirname(place)).toBe(SHARED_PLACE);
    onTestFinished(() => rm(place, { recursive: true, force: true }));
    const server = await startEmbeddedPostgres({ dataDir, log: quietLog });
    const { ping, close } = createDatabase({ url: server.url, log: quietLog });
    await ping();
    await close();
    await server.stop();
  });
});

describe.runIf(canBeNobody && isFull)("an ordinary user", () => {
  test("runs the server as itself in a closed home", async () => {
    const home = await temporaryFolder();
    await chown(home, ordinary().uid, ordinary().gid);
    await chmod(home, 0o700);
    const child = startChild(join(home, "data"), "attach", ordinary());
    expect(await child.server()).toMatchObject({ startedHere: true });
    await child.end("SIGTERM");
  });

  test("is told when it may not write to the data folder", async () => {
    const folder = join(await temporaryFolder(), "data");
    await mkdir(folder, { mode: 0o755 });
    const child = startChild(folder, "attach", ordinary());
    await expect(child.server()).rejects.toThrow(
      `The data folder ${folder} cannot be used (no permission: ${folder}/postgres): choose another one with DATA_DIR, ` +
        "or set DATABASE_URL to a PostgreSQL server",
    );
  });
});

function ownAccount(): Account {
  const account = serverAccount();
  if (!account) throw new Error("only root has one");
  return account;
}

function ordinary(): Account {
  if (!nobody) throw new Error("there is no user nobody");
  return { uid: nobody.uid, gid: nobody.gid };
}
