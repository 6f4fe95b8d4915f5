import { execFile, spawn } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { waitFor } from "../../lib/wait.ts";
import { isFull } from "../support/depth.ts";
import { temporaryFolder } from "../support/temporary-folders.ts";

const run = promisify(execFile);
const ANY_PORT = { PORT: "0", PLMS_PORT: "0", CATALOG_PORT: "0", PAS_PORT: "0", PLM_PORT: "0" };
const ACROSS = `{ models(first: 1) { edges { node { name projects(first: 1) { edges { node { name status } } } } } } }`;

describe.skipIf(!isFull)("The build without the Elastic License", () => {
  test("has no package under it, starts, and joins the two subgraphs", { timeout: 300_000 }, async () => {
    const folder = join(await temporaryFolder(), "permissive");
    const { stdout } = await run("npm", ["run", "--silent", "permissive", "--", folder]);
    expect(stdout).toMatch(/^Left out: .*@apollo\/query-planner/);
    const manifests = globSync(["node_modules/*/package.json", "node_modules/@*/*/package.json"], {
      cwd: folder,
    });
    const elastic = manifests.filter((file) =>
      /"license":\s*"Elastic/.test(readFileSync(join(folder, file), "utf8")),
    );
    expect(manifests.length).toBeGreaterThan(300);
    expect(elastic).toEqual([]);

    const data = join(await temporaryFolder(), "data");
    const env = { ...process.env, ...ANY_PORT, DATA_DIR: data };
    const child = spawn("npm", ["start"], {
      cwd: folder,
      env,
      detached: true,
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(async () => {
      if (child.pid !== undefined) process.kill(-child.pid);
      // The folder goes when its database has written the last of it.
      await waitFor(() => !existsSync(join(data, "postgres/cluster/postmaster.pid")), { timeoutMs: 30_000 });
    });
    let printed = "";
    child.stdout.on("data", (chunk: Buffer) => (printed += chunk.toString()));
    await waitFor(() => printed.includes("Ctrl-C stops everything"), { timeoutMs: 120_000 });
    const [url = ""] = /http:\S+\/graphql/.exec(printed) ?? [];
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: ACROSS }),
    });
    expect(await response.json()).toEqual({
      data: { models: { edges: [{ node: { name: "LX21", projects: { edges: [expect.anything()] } } }] } },
    });
  });
});

test("A gateway with QUERY_PLANNER=native-only plans, answers and refuses without loading a module of Apollo's planner", async () => {
  const { stdout } = await run(process.execPath, ["test/execution/support/native-only-child.ts"]);
  expect(JSON.parse(stdout)).toEqual({
    fetched: ["catalog", "plms"],
    refused: "OPERATION_NOT_PLANNABLE",
    loaded: [],
  });
});
