import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { createPlanAside } from "../../gateway/execution/planner/apollo-aside.ts";
import { waitFor } from "../../lib/wait.ts";
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

  test.runIf(process.platform === "linux")("ends with the process that it plans for", async () => {
    const owner = fork(new URL("support/planner-owner.ts", import.meta.url));
    await once(owner, "message");
    const [child = ""] = readFileSync(`/proc/${owner.pid}/task/${owner.pid}/children`, "utf8").split(" ");
    expect(existsSync(`/proc/${child}`)).toBe(true);
    owner.kill("SIGKILL");
    await waitFor(() => !existsSync(`/proc/${child}`), { what: "the end of the planner" });
  });
});

describe("a planner that may not come to an end", () => {
  const plan = createPlanAside({
    file: new URL("support/planner-child.ts", import.meta.url).href,
    quickMs: 300,
    // Longer than any test: how long it is patient is for the describe above.
    patientMs: 600_000,
  });
  const from = (limitKey: string, text: string) => plan(SOURCE, { ...request(text), limitKey });

  test("plans for others while it is patient with the operation of one caller", async () => {
    const patience: string[] = [];
    from("ada", "{ wait }").then(
      () => patience.push("planned"),
      () => patience.push("given up"),
    );
    expect(await from("eve", "{ a }")).toBe("{ a }");
    // Whatever she sends now waits for her own.
    from("ada", "{ b }").then(
      () => patience.push("planned"),
      () => patience.push("given up"),
    );
    expect(await from("eve", "{ c }")).toBe("{ c }");
    expect(patience).toEqual([]);
  });

  test("refuses a caller whose operations pile up, and nobody else", async () => {
    const sent = Array.from({ length: 102 }, (_, n) => from("bob", `{ b${n} }`));
    const settled = await Promise.allSettled(sent);
    const refused = settled.filter(({ status }) => status === "rejected");
    expect(refused).toEqual(settled.slice(-refused.length));
    expect(refused.at(-1)).toMatchObject({ reason: { code: "RATE_LIMITED" } });
    expect(refused.length).toBeLessThanOrEqual(2);
    expect(await from("eve", "{ d }")).toBe("{ d }");
  });
});
