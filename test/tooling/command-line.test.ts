import { describe, expect, test } from "vitest";
import { runScript } from "../support/script.ts";

const COMMANDS = [
  ["start", "standalone.ts"],
  ["run drill", "fleet/drill/main.ts"],
  ["run load", "fleet/load/main.ts"],
  ["run fleet", "fleet/main.ts"],
] as const;

describe.each(COMMANDS)("npm %s", (name, script) => {
  test("explains itself when it is asked to", async () => {
    const { code, stdout, stderr } = await runScript(script, ["--help"], {});
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain(`npm ${name}`);
    expect(stdout).toContain("--");
  });

  test("names a flag that it does not have, and shows those that it has", async () => {
    const { code, stdout, stderr } = await runScript(script, ["--fast-and-loose"], {});
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    const [problem, , usage] = stderr.split("\n");
    expect(problem).toContain("--fast-and-loose");
    expect(usage).toContain(`npm ${name}`);
  });
});
