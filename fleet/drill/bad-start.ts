import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { SECRETS } from "../fleet.ts";
import { endProcess, startProcess } from "../processes.ts";
import type { Drill, DrillContext } from "./support/drill.ts";
import { startDrillDatabase, temporaryFolder } from "./support/database.ts";
import { own } from "./support/own.ts";

interface Attempt {
  what: string;
  entry: string;
  env: Record<string, string>;
  /** What the message has to say. */
  says: RegExp;
}

const START_LIMIT_MS = 60_000;
const NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing";

/** Starts everything in every wrong way; in the quick round only what needs no database. */
export const badStart: Drill = {
  name: "bad-start",
  promise:
    "what cannot start says in one line per problem what is wrong and how to put it right, and exits with a code",
  run: async (context) => {
    const { defer, quick } = context;
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    defer(() => void taken.close());
    const port = String((taken.address() as AddressInfo).port);
    const folder = await temporaryFolder(defer);
    if (quick)
      return tryAll([...badEnvironments.slice(0, 2), ...takenPorts(port, NOWHERE).slice(-1)], context);
    const { url } = await startDrillDatabase(defer);
    const folders = [...(await badFolders(folder)), ...(await fullDisk(context, folder))];
    return tryAll([...badEnvironments, ...takenPorts(port, url), ...folders], context);
  },
};

async function tryAll(attempts: readonly Attempt[], context: DrillContext): Promise<void> {
  for (const attempt of attempts) await tryToStart(attempt, context);
}

async function tryToStart(
  { what, entry, env, says }: Attempt,
  { report, defer }: DrillContext,
): Promise<void> {
  const { child, lastWords } = await own(
    defer,
    async () => startProcess(entry, env),
    (started) => endProcess(started.child, "SIGTERM"),
  );
  const timer = setTimeout(() => child.kill("SIGKILL"), START_LIMIT_MS);
  await once(child, "close");
  clearTimeout(timer);
  await endProcess(child, "SIGKILL");
  const words = lastWords();
  report.check(`${entry}, ${what}: exit code ${child.exitCode}`, (child.exitCode ?? 0) > 0);
  const isReadable = says.test(words) && !/^\s+at /m.test(words) && words.split("\n").length <= 12;
  report.check("  says", isReadable, words.replaceAll(/\s*\n\s*/g, " | "));
}

const badEnvironments: readonly Attempt[] = [
  {
    what: "three bad variables",
    entry: "gateway/main.ts",
    env: { ...SECRETS, PORT: "eighty", AUTH_MODE: "maybe", LOG_LEVEL: "loud" },
    says: /PORT: "eighty".*integer[\s\S]*LOG_LEVEL: "loud"[\s\S]*AUTH_MODE: "maybe"|PORT: "eighty"[\s\S]*AUTH_MODE/,
  },
  { what: "no secret for tokens", entry: "gateway/main.ts", env: {}, says: /JWT_SECRET/ },
  {
    what: "no checks of identity in production",
    entry: "gateway/main.ts",
    env: { NODE_ENV: "production", AUTH_MODE: "off" },
    says: /AUTH_OFF_I_MEAN_IT/,
  },
  {
    what: "no such supergraph",
    entry: "gateway/main.ts",
    env: { ...SECRETS, PORT: "0", LOG_LEVEL: "silent", SUPERGRAPH_FILE: "/nowhere/supergraph.graphql" },
    says: /SUPERGRAPH_FILE/,
  },
  { what: "nothing set", entry: "subgraphs/plms/main.ts", env: {}, says: /DATABASE_URL is missing/ },
  {
    what: "no database",
    entry: "subgraphs/plms/main.ts",
    env: { ...SECRETS, LOG_LEVEL: "silent", PORT: "0", DATABASE_URL: NOWHERE },
    says: /DATABASE_URL.*ECONNREFUSED/,
  },
  { what: "nothing set", entry: "subgraphs/catalog/main.ts", env: {}, says: /DATABASE_URL is missing/ },
];

const takenPorts = (port: string, databaseUrl: string): Attempt[] => {
  const common = { ...SECRETS, LOG_LEVEL: "silent", DATABASE_URL: databaseUrl, PORT: port };
  const plm = {
    PLM_BASE_URL: "http://127.0.0.1:1",
    PLM_CLIENT_ID: "drill",
    PLM_CLIENT_SECRET: "drill-secret",
  };
  const says = new RegExp(`Port ${port} on 127.0.0.1 is taken`);
  const attempts = [
    { entry: "gateway/main.ts", env: common },
    { entry: "subgraphs/plms/main.ts", env: common },
    { entry: "subgraphs/catalog/main.ts", env: { ...common, ...plm } },
    { entry: "mocks/main.ts", env: { ...common, MOCK_PAS_PORT: port, MOCK_PLM_PORT: "0" } },
  ];
  return attempts.map((attempt) => ({ ...attempt, what: "port taken", says }));
};

async function badFolders(folder: string): Promise<Attempt[]> {
  const file = join(folder, "a-file");
  await writeFile(file, "");
  const says = /DATA_DIR|data folder/;
  const quiet = { LOG_LEVEL: "silent" };
  return [
    {
      what: "a data folder below a file",
      entry: "standalone.ts",
      env: { ...quiet, DATA_DIR: `${file}/data` },
      says,
    },
    {
      what: "a data folder on a file system that takes nothing",
      entry: "standalone.ts",
      env: { ...quiet, DATA_DIR: "/sys/kernel/lifecycle" },
      says,
    },
  ];
}

/** A disk of one megabyte, where this account may mount one. */
async function fullDisk({ report, defer }: DrillContext, folder: string): Promise<Attempt[]> {
  const mount = join(folder, "small-disk");
  await mkdir(mount);
  try {
    await promisify(execFile)("mount", ["-t", "tmpfs", "-o", "size=256k,mode=755", "tmpfs", mount]);
  } catch {
    report.did("left out the full disk: this account may not mount a small one");
    return [];
  }
  defer(() => promisify(execFile)("umount", [mount]));
  return [
    {
      what: "a full disk",
      entry: "standalone.ts",
      env: { LOG_LEVEL: "silent", DATA_DIR: join(mount, "data") },
      says: /space/i,
    },
  ];
}
