import { spawn } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { text } from "node:stream/consumers";

const ROOT = resolve(import.meta.dirname, "../../..");

/** A block of shell commands as the README or a page prints it. */
export interface PrintedCommands {
  /** `README.md:36` */
  place: string;
  commands: string;
  /** What a comment right before the block says about running it; undefined where it runs anywhere. */
  note: { kind: "not run" | "default ports"; reason: string } | undefined;
}

const BLOCK = /(?:^<!-- (not run|default ports): (.+?) -->\n)?^```(?:sh|bash|shell|console)\n(.*?)^```$/gms;

/** Pages that are walked through step by step by a test of their own. */
const FOLLOWED = new Set(["docs/adding-a-subgraph.md", "docs/onboarding.md"]);

/** Every block of the README and the pages beside it, but for those that another test follows. */
export const printedCommands = (): PrintedCommands[] =>
  ["README.md", ...globSync("docs/*.md", { cwd: ROOT }).sort()]
    .filter((file) => !FOLLOWED.has(file))
    .flatMap((file) => {
      const page = readFileSync(resolve(ROOT, file), "utf8");
      return [...page.matchAll(BLOCK)].map(([whole, kind, reason = "", commands = ""], _index) => ({
        place: `${file}:${page.slice(0, page.indexOf(whole)).split("\n").length}`,
        commands,
        note: kind === undefined ? undefined : { kind: kind as "not run" | "default ports", reason },
      }));
    });

/** Runs them as they are printed, in the project's folder; the first that fails ends it. */
export async function runPrinted(
  commands: string,
  environment: NodeJS.ProcessEnv,
): Promise<{ code: number | null; output: string }> {
  const script = `exec 2>&1; set -e; ${commands}`;
  const shell = spawn("bash", ["-c", script], {
    cwd: ROOT,
    env: environment,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<number | null>((done) => void shell.once("close", done));
  return { output: await text(shell.stdout), code: await ended };
}

/** `node run.cjs test/e2e/support/printed-commands.ts`: all of them, against what listens on the default ports. */
if (import.meta.main) {
  for (const { place, commands, note } of printedCommands()) {
    if (note?.kind === "not run") {
      process.stdout.write(`${place} is not run: ${note.reason}\n`);
      continue;
    }
    const { code, output } = await runPrinted(commands, process.env);
    if (code !== 0 || output.includes('"errors"')) {
      process.stdout.write(`${commands}\n${output}\n${place} failed with exit code ${code}\n`);
      process.exit(1);
    }
    process.stdout.write(`${place} runs\n`);
  }
}
