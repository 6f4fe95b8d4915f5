import { parseArgs } from "node:util";
import { badInput } from "../lib/errors.ts";
import { createLog, type Log } from "../lib/log.ts";
import { runCommand } from "../lib/process.ts";
import { verifyAuditLogs, type ChainReport, type NotedEnd } from "./audit-chain.ts";
import { createDatabase } from "./client.ts";
import { readDatabaseConfig } from "./config.ts";
import { startEmbeddedPostgres } from "./embedded.ts";

/**
 * `npm run audit:verify [-- --noted LOG:POSITION:HASH]…`: exit code 0 when the audit logs are as they were written,
 * 1 otherwise. It prints where each log ends; handed in again later as `--noted`, that proves that nothing before it
 * was rewritten.
 */
await runCommand(async () => {
  const { values } = parseArgs({ options: { noted: { type: "string", multiple: true, default: [] } } });
  const noted = values.noted.map(parseNoted);
  const config = readDatabaseConfig();
  const log = createLog({ name: "audit", level: config.LOG_LEVEL });
  if (config.DATABASE_URL !== undefined) return verify(config.DATABASE_URL, noted, log);
  const server = await startEmbeddedPostgres({ dataDir: config.DATA_DIR, log });
  try {
    await verify(server.url, noted, log);
  } finally {
    await server.stop();
  }
});

async function verify(url: string, noted: readonly NotedEnd[], log: Log): Promise<void> {
  const { db, close } = createDatabase({ url, maxConnections: 1, statementTimeoutMs: 0, log });
  try {
    const reports = await verifyAuditLogs(db, noted);
    process.stdout.write(`${reports.map(asText).join("\n")}\n`);
    if (reports.some(({ problem }) => problem !== null)) process.exitCode = 1;
  } finally {
    await close();
  }
}

function asText({ log, end, problem }: ChainReport): string {
  return problem === null ? `ok      ${log}:${end.position}:${end.hash}` : `BROKEN  ${log}: ${problem}`;
}

function parseNoted(text: string): NotedEnd {
  const [, log, position, hash] = /^([a-z_.]+):(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (log === undefined || hash === undefined)
    throw badInput("--noted", text, "LOG:POSITION:HASH, as this command prints it");
  return { log, position: Number(position), hash };
}
