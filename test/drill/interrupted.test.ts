import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { identify } from "../../db/embedded/process-table.ts";
import { startScript } from "../support/script.ts";
import { isFull } from "../support/depth.ts";
import { temporaryFolder } from "../support/temporary-folders.ts";
import { waitFor } from "../../lib/wait.ts";

/** Mocks, PLMS, catalogue and gateway. */
const FLEET = 4;
/** Only Linux tells of every process without a program that may be missing. */
const onLinux = process.platform === "linux";

async function startDrill() {
  const folder = await temporaryFolder();
  const child = startScript("fleet/drill/main.ts", ["postgres-away", "--quick"], {
    environment: { TMPDIR: folder },
  });
  const closed = once(child, "close");
  return {
    folder,
    postmaster: async (): Promise<number | undefined> => {
      const [drillFolder = ""] = await readdir(folder);
      const file = join(folder, drillFolder, "postgres", "cluster", "postmaster.pid");
      return Number.parseInt(await readFile(file, "utf8"), 10);
    },
    children: () => childrenOf(child.pid),
    end: async (signal: NodeJS.Signals) => {
      child.kill(signal);
      const [code] = (await closed) as [number | null];
      return code;
    },
  };
}

async function childrenOf(parent: number | undefined): Promise<number[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const parents = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, "utf8").catch(() => "")));
  const isChild = (stat: string) => stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1] === String(parent);
  return pids.filter((_, index) => isChild(parents[index] ?? "")).map(Number);
}

test("a drill that is interrupted while PostgreSQL starts lets it start, stops it and leaves no file", async () => {
  const { folder, end } = await startDrill();
  await waitFor(async () => (await readdir(folder)).length > 0, { what: "the drill to begin" });
  expect(await end("SIGINT")).toBe(130);
  expect(await readdir(folder)).toEqual([]);
});

test.runIf(onLinux && isFull)("a drill that is interrupted stops every process that it started", async () => {
  const { folder, postmaster, children, end } = await startDrill();
  await waitFor(async () => (await children()).length === FLEET, { what: "the fleet", timeoutMs: 60_000 });
  const pids = [await postmaster(), ...(await children())].map(Number);
  expect(await end("SIGTERM")).toBe(143);
  expect(await Promise.all(pids.map(identify))).toEqual(pids.map(() => undefined));
  expect(await readdir(folder)).toEqual([]);
});
