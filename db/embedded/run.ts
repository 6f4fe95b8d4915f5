import { spawn } from "node:child_process";
import type { Account } from "./account.ts";

const LONGEST_MS = 120_000;

/**
 * Runs a program to its end, without our environment, and answers what it printed.
 *
 * @throws Error with the program's own words when it fails or takes longer than two minutes
 */
export async function run(command: string, args: readonly string[], account?: Account): Promise<string> {
  const child = spawn(command, args, {
    cwd: "/",
    env: { LC_ALL: "C", TZ: "UTC" },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: LONGEST_MS,
    ...account,
  });
  const chunks: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => chunks.push(chunk));
  }
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  child.once("error", reject);
  child.once("close", (code, signal) => {
    const output = chunks.join("").trim();
    if (code === 0) resolve(output);
    else reject(new Error(`${command} ended with ${code ?? signal}: ${output}`));
  });
  return promise;
}
