import { execFile, fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { composeServices } from "@apollo/composition";
import { parse } from "graphql";
import { readCommandLine } from "../../lib/command-line.ts";
import { runCommand } from "../../lib/process.ts";
import type { Report } from "../report.ts";
import { asLoadTable, asTable, nameOf, type Measured } from "./table.ts";

const USAGE = `npm run conformance:peers -- [--only ours,yoga] [--load]

Packs the suite, installs it and the newest releases of four servers in a temporary folder, runs the suite against each and against this
gateway, and prints the table. With --load: 100 sockets with 5 subscriptions each in place of the rules.`;

const PACKAGES = [
  "graphql@16",
  "graphql-ws",
  "ws",
  "graphql-yoga",
  "@graphql-yoga/plugin-defer-stream",
  "@graphql-tools/schema",
  "@apollo/server",
  "@apollo/subgraph",
  "@as-integrations/express5",
  "express",
  "fastify",
  "mercurius",
  "@graphql-hive/gateway-runtime",
  "@graphql-mesh/transport-http",
  "@graphql-mesh/transport-ws",
];
/** Each with the packages whose versions name it. */
const SERVERS: Readonly<Record<string, readonly string[]>> = {
  ours: [],
  hive: ["@graphql-hive/gateway-runtime", "graphql-ws"],
  yoga: ["graphql-yoga", "graphql-ws"],
  mercurius: ["mercurius"],
  apollo: ["@apollo/server", "graphql-ws"],
};
const GATEWAYS = new Set(["ours", "hive"]);
const OPERATIONS = [
  "--subscription",
  "subscription { tick { number at } }",
  "--ending",
  "subscription { countdown }",
  "--large",
  "subscription { tick(everyMs: 100, size: 1000000) { number padding } }",
  "--defer",
  "{ item { id ... @defer { slow } } }",
  "--stream",
  "{ numbers @stream(initialCount: 1) }",
];
const LOAD = [
  "--subscription",
  "subscription { tick(everyMs: 100) { number at } }",
  "--sockets",
  "100",
  "--subscriptions",
  "5",
  "--seconds",
  "15",
  "--at",
  "tick.at",
];

const MOST_OF_COMPLAINT = 2_000;

const run = promisify(execFile);
const ROOT = new URL("../../", import.meta.url).pathname;

/** The packed suite and the servers, as anybody would install them. */
async function install(folder: string): Promise<void> {
  writeFileSync(join(folder, "package.json"), `{"private":true,"type":"module"}`);
  await run("npm", ["pack", "--silent", "--pack-destination", folder, join(ROOT, "conformance")], {
    cwd: ROOT,
  });
  const packed = readdirSync(folder).find((file) => file.endsWith(".tgz"));
  await run("npm", ["install", "--no-audit", "--no-fund", "--silent", `./${packed}`, ...PACKAGES], {
    cwd: folder,
  });
  cpSync(join(ROOT, "conformance/peers/servers"), folder, { recursive: true });
}

async function supergraphOver(folder: string, port: number): Promise<string> {
  const { federated } = (await import(join(folder, "schema.mjs"))) as { federated: string };
  const ticks = { name: "ticks", url: `http://127.0.0.1:${port}/graphql`, typeDefs: parse(federated) };
  const { supergraphSdl, errors } = composeServices([ticks]);
  if (errors) throw new Error(errors.map(({ message }) => message).join("\n"));
  return supergraphSdl;
}

/** Runs the installed suite; its exit code says no more than its report. */
async function suite(folder: string, args: readonly string[]): Promise<Report> {
  const command = ["--no-install", "graphql-subscription-conformance", ...args, "--json"];
  const options = { cwd: folder, maxBuffer: 64 * 1_048_576 };
  const stdout = await run("npx", command, options).then(
    (done) => done.stdout,
    (error: { stdout?: string; stderr?: string }) => {
      if (error.stdout) return error.stdout;
      throw new Error(error.stderr ?? "The suite did not run", { cause: error });
    },
  );
  return JSON.parse(stdout) as Report;
}

const versionsIn = (folder: string, names: readonly string[]): string =>
  names
    .map((name) => {
      const { version } = JSON.parse(
        readFileSync(join(folder, "node_modules", name, "package.json"), "utf8"),
      ) as { version: string };
      return `${name} ${version}`;
    })
    .join(", ");

interface Started {
  child: ChildProcess;
  port: number;
}

/** Processes that end with this one. */
function createStage(folder: string) {
  const running: ChildProcess[] = [];
  return {
    start: async (file: string, env: Record<string, string> = {}): Promise<Started> => {
      const child = fork(file, [], {
        stdio: ["ignore", "ignore", "pipe", "ipc"],
        cwd: folder,
        env: { ...process.env, NODE_ENV: "production", ...env },
      });
      running.push(child);
      // What servers complain about are the rules that they are asked to keep; only the reason of a failed start is of interest.
      let complaint = "";
      child.stderr?.on("data", (text) => (complaint = `${complaint}${text}`.slice(-MOST_OF_COMPLAINT)));
      const ended = once(child, "exit").then(() =>
        Promise.reject(new Error(`${file} did not start: ${complaint}`)),
      );
      const [message] = (await Promise.race([once(child, "message"), ended])) as [{ port: number }];
      ended.catch(() => {});
      return { child, port: message.port };
    },
    close: () => {
      for (const child of running) child.kill("SIGKILL");
    },
  };
}

await runCommand(async () => {
  const { values } = readCommandLine(USAGE, {
    options: { only: { type: "string" }, load: { type: "boolean", default: false } },
  });
  const wanted = values.only?.split(",") ?? Object.keys(SERVERS);
  const folder = mkdtempSync(join(tmpdir(), "conformance-"));
  const stage = createStage(folder);
  try {
    process.stderr.write("Installing the suite and the servers …\n");
    await install(folder);
    const subgraph = await stage.start(join(folder, "subgraph.mjs"));
    const supergraphFile = join(folder, "supergraph.graphql");
    writeFileSync(supergraphFile, await supergraphOver(folder, subgraph.port));
    const measured: Measured[] = [];
    for (const name of wanted) {
      const file = name === "ours" ? join(ROOT, "conformance/peers/ours.ts") : join(folder, `${name}.mjs`);
      const { port, child } = await stage.start(
        file,
        GATEWAYS.has(name) ? { SUPERGRAPH_FILE: supergraphFile } : {},
      );
      const url = `http://127.0.0.1:${port}/graphql`;
      process.stderr.write(`${nameOf(name)} …\n`);
      const args = values.load ? [...LOAD, "--pid", String(child.pid)] : OPERATIONS;
      measured.push({
        name,
        versions: versionsIn(folder, SERVERS[name] ?? []),
        report: await suite(folder, [url, ...args]),
      });
      child.kill("SIGKILL");
    }
    process.stdout.write(`${values.load ? asLoadTable(measured) : asTable(measured)}\n`);
  } finally {
    stage.close();
    rmSync(folder, { recursive: true });
  }
});
