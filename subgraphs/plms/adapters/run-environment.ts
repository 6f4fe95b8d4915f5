import { readFileSync } from "node:fs";
import { arch, platform, release } from "node:os";
import { join } from "node:path";
import type { RunEnvironment } from "../domain/passport.ts";

const COMMIT = /^[0-9a-f]{40}$/;

/**
 * What passports say of this process.
 *
 * @param gitCommit as the deployment says; read from `.git` below `root` when it says nothing
 */
export const runEnvironment = (gitCommit: string | undefined, root: string): RunEnvironment => ({
  gitCommit: gitCommit ?? checkedOut(root) ?? "unknown",
  runtimeVersion: `node ${process.version}`,
  os: `${platform()} ${release()} ${arch()}`,
});

/** The commit that a working copy is at; undefined where there is none. */
function checkedOut(root: string): string | undefined {
  const head = textOf(join(root, ".git/HEAD"));
  if (head === undefined || COMMIT.test(head)) return head;
  const ref = head.replace(/^ref: /, "");
  return textOf(join(root, ".git", ref)) ?? packed(root, ref);
}

function packed(root: string, ref: string): string | undefined {
  const lines = textOf(join(root, ".git/packed-refs"))?.split("\n") ?? [];
  return lines.find((line) => line.endsWith(` ${ref}`))?.split(" ", 1)[0];
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return undefined;
  }
}
