import { readCommandLine } from "./lib/command-line.ts";
import { runProcess } from "./lib/process.ts";

const USAGE = `npm start [-- --reset]

Starts everything in one process, with demo data, on an embedded PostgreSQL in DATA_DIR (default .data). What you did
before is still there; --reset begins afresh. All settings: docs/configuration.md.`;

const say = (what: string) =>
  process.stdout.write(`  ${(performance.now() / 1000).toFixed(1).padStart(5)} s  ${what}\n`);

/** `npm start`. The code is loaded once the first line is out: that takes seconds when it is new. */
await runProcess(async () => {
  const { values } = readCommandLine(USAGE, { options: { reset: { type: "boolean", default: false } } });
  say("loading");
  const { startStandalone } = await import("./standalone/start.ts");
  return startStandalone({ ...values, say });
});
