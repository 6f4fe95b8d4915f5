import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { isFull } from "../support/depth.ts";

const drill = (...args: string[]) =>
  promisify(execFile)(process.execPath, ["fleet/drill/main.ts", ...args]).then(
    ({ stdout }) => ({ code: 0, stdout, stderr: "" }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
      code,
      stdout,
      stderr,
    }),
  );

test.runIf(isFull)(
  "runs a drill by name: everything that cannot start says why",
  async () => {
    const { code, stdout } = await drill("bad-start", "--quick");
    expect(stdout).toContain("PASS bad-start");
    expect(code).toBe(0);
  },
  120_000,
);

test("refuses a drill that there is not, naming those that there are", async () => {
  const { code, stderr } = await drill("fire");
  expect(code).toBe(1);
  expect(stderr).toContain('drill: "fire" is not allowed; expected one of bad-start');
});
