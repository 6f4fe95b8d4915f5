import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { text } from "node:stream/consumers";
import type { Account } from "../../db/embedded/account.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Where Node keeps what it has compiled (run.cjs): half of what the start of a process costs. */
export const COMPILED: Readonly<Record<string, string>> =
  process.env["NODE_COMPILE_CACHE"] === undefined
    ? {}
    : { NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"] };

/** Starts a script of the project with no environment but the one given, and where Node keeps what it has compiled. */
export function startScript(
  script: string,
  args: readonly string[],
  options: { environment?: Record<string, string>; account?: Account | undefined } = {},
): ChildProcess & { stdout: NodeJS.ReadableStream; stderr: NodeJS.ReadableStream } {
  return spawn(process.execPath, [`${ROOT}${script}`, ...args], {
    cwd: "/",
    env: { ...COMPILED, ...options.environment },
    stdio: ["ignore", "pipe", "pipe"],
    ...options.account,
  });
}

/** Runs it to its end. */
export async function runScript(
  script: string,
  args: readonly string[],
  environment: Record<string, string>,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = startScript(script, args, { environment });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  return { code: code as number, stdout, stderr };
}
