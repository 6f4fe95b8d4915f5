import { readCommandLine } from "../lib/command-line.ts";
import { badInput } from "../lib/errors.ts";
import { runCommand } from "../lib/process.ts";
import { verifyAuditLogs, type ChainReport, type NotedEnd } from "./audit-chain.ts";
import { withDatabase } from "./with-database.ts";

const USAGE = `npm run audit:verify [-- --noted LOG:POSITION:HASH]…

Exit code 0 when the audit logs are as they were written, 1 otherwise. It prints where each log ends; handed in again
later as --noted, that proves that nothing before it was rewritten.`;

await runCommand(async (interrupted) => {
  const { values } = readCommandLine(USAGE, {
    options: { noted: { type: "string", multiple: true, default: [] } },
  });
  const noted = values.noted.map(parseNoted);
  await withDatabase("audit", interrupted, async (db) => {
    const reports = await verifyAuditLogs(db, noted);
    process.stdout.write(`${reports.map(asText).join("\n")}\n`);
    if (reports.some(({ problem }) => problem !== null)) process.exitCode = 1;
  });
});

function asText({ log, end, problem }: ChainReport): string {
  return problem === null ? `ok      ${log}:${end.position}:${end.hash}` : `BROKEN  ${log}: ${problem}`;
}

function parseNoted(text: string): NotedEnd {
  const [, log, position, hash] = /^([a-z_.]+):(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (log === undefined || hash === undefined)
    throw badInput("--noted", text, "LOG:POSITION:HASH, as this command prints it");
  return { log, position: Number(position), hash };
}
