import { describe, expect, test } from "vitest";
import type { Drill } from "../../fleet/drill/support/drill.ts";
import { drills } from "../../fleet/drill/drills.ts";
import { runDrill } from "../../fleet/drill/run-drill.ts";

const run = async (drill: Partial<Drill>, interrupted = new AbortController().signal) => {
  const lines: string[] = [];
  const whole: Drill = { name: "example", promise: "nothing happens", run: async () => {}, ...drill };
  const result = await runDrill(whole, { quick: true, print: (line) => lines.push(line), interrupted });
  return { ...result, text: lines.join("\n") };
};

describe("the drill runner", () => {
  test("prints the promise, what was done, figures and PASS", async () => {
    const { passed, text } = await run({
      run: async ({ report }) => {
        report.did("pulled the plug");
        report.figure("recovery seconds", 1.23456);
        report.check("all is well", true);
      },
    });
    expect(passed).toBe(true);
    for (const part of [
      "promise: nothing happens",
      "pulled the plug",
      "recovery seconds: 1.235",
      "PASS example",
    ])
      expect(text).toContain(part);
  });

  test("fails when a part of the promise does not hold, and goes on to the others", async () => {
    const { passed, text } = await run({
      run: async ({ report }) => {
        report.check("first", false, "it is not");
        report.check("second", true);
      },
    });
    expect(passed).toBe(false);
    expect(text).toMatch(/BROKEN first: it is not\n {2}ok {5}second\nFAIL example/);
  });

  test("fails with the reason when the drill throws, and tidies up all the same, last one first", async () => {
    const tidied: string[] = [];
    const { passed, text } = await run({
      run: async ({ defer }) => {
        defer(() => void tidied.push("first"));
        defer(() => void tidied.push("second"));
        throw new Error("no power", { cause: new Error("the cable") });
      },
    });
    expect(passed).toBe(false);
    expect(text).toContain("no power (the cable)");
    expect(tidied).toEqual(["second", "first"]);
  });

  test("tidies up at once when it is interrupted, and fails; what the drill still finds is not told", async () => {
    const interruption = new AbortController();
    const tidied: string[] = [];
    const { promise: abandoned, resolve: goOn } = Promise.withResolvers<void>();
    const { passed, text } = await run(
      {
        run: async ({ defer, report }) => {
          defer(() => void tidied.push("what was started"));
          defer(() => {
            report.check("it is gone", false);
            goOn();
          });
          interruption.abort(new Error("ended by SIGTERM"));
          await abandoned;
        },
      },
      interruption.signal,
    );
    expect(passed).toBe(false);
    expect(text).toMatch(/BROKEN the drill came to its end: ended by SIGTERM\nFAIL example/);
    expect(tidied).toEqual(["what was started"]);
  });

  test("has a name and a promise for every drill", () => {
    expect(new Set(drills.map(({ name }) => name)).size).toBe(drills.length);
    for (const { name, promise } of drills) {
      expect(name).toMatch(/^[a-z][a-z-]+$/);
      expect(promise.length).toBeGreaterThan(20);
    }
  });
});
