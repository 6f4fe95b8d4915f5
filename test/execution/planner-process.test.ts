import { describe, expect, test } from "vitest";
import { PlannerEnded, PlannerProcess } from "../../gateway/execution/planner/planner-process.ts";

const SOURCE = { id: "one", sdl: "type Query { a: Int }" };
const request = (text: string) => ({ text, labels: new Set<string>(), percentile: 100 });

describe("a planner in a process of its own", () => {
  const planner = new PlannerProcess<string>({
    name: "planner",
    file: new URL("support/planner-child.ts", import.meta.url).href,
    loadingMs: 60_000,
    patienceMs: 1_000,
    restMs: 0,
  });

  test("may take longer to load than over an operation", async () => {
    expect(await planner.plan(SOURCE, request("{ a }"))).toBe("{ a }");
  });

  test("is ended over an operation that it finds no end for, and plans the next one", async () => {
    const hanging = planner.plan(SOURCE, request("{ hang }"));
    await expect(hanging).rejects.toThrow(PlannerEnded);
    await expect(hanging).rejects.toThrow("The process of the planner ended with SIGKILL");
    expect(await planner.plan(SOURCE, request("{ b }"))).toBe("{ b }");
  });
});
