import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { createRevocations } from "../../gateway/identity/revocations.ts";
import { anonymous, type Identity } from "../../lib/identity.ts";
import { createLog } from "../../lib/log.ts";
import { temporaryFolder } from "../support/temporary-folders.ts";
import { waitFor } from "../../lib/wait.ts";

const ada: Identity = { ...anonymous([]), subject: "ada", tenant: "yard-7", tokenId: "t-1" };

/** Revocations that follow a file of these lines, and what they log of it. */
async function revocationsOf(...lines: string[]) {
  const file = join(await temporaryFolder(), "revocations");
  const write = (...next: string[]) => writeFileSync(file, next.join("\n"));
  write(...lines);
  const logged: { level: string; lines?: number[] }[] = [];
  const log = createLog(
    { name: "test", level: "error" },
    { write: (line) => void logged.push(JSON.parse(line) as { level: string; lines?: number[] }) },
  );
  const revocations = createRevocations(file, log);
  onTestFinished(() => revocations.close());
  return { ...revocations, write, logged };
}

describe("a list of revocations", () => {
  test.each([
    ["a token by its id", ["jti t-1"], true],
    ["every token of a subject in its tenant", ["# left the yard", "", "  sub  yard-7\tada "], true],
    ["the same subject of another tenant", ["sub yard-8 ada"], false],
    ["another token", ["jti t-2"], false],
    ["nothing", [], false],
  ])("with %s: %j", async (_what, lines, isRevoked) => {
    const revocations = await revocationsOf(...lines);
    expect(revocations.isRevoked(ada)).toBe(isRevoked);
    expect(revocations.logged).toEqual([]);
  });

  test("says which lines revoke nothing, and the others hold", async () => {
    const revocations = await revocationsOf("jit t-1", "jti t-1", "sub ada", "jti");
    expect(revocations.isRevoked(ada)).toBe(true);
    expect(revocations.logged).toMatchObject([{ level: "error", lines: [1, 3, 4] }]);
  });

  test("is replaced when the file changes, however soon after it was read", async () => {
    const revocations = await revocationsOf("jti t-2");
    revocations.write("jti t-1");
    await waitFor(() => revocations.isRevoked(ada));
  });
});
