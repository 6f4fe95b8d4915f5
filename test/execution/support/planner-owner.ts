import { PlannerProcess } from "../../../gateway/execution/planner/planner-process.ts";

/** A process whose planner finds no end, and has all the patience for it. */
const planner = new PlannerProcess<string>({
  name: "planner",
  file: new URL("planner-child.ts", import.meta.url).href,
  loadingMs: 60_000,
  patienceMs: 600_000,
  restMs: 0,
});
const source = { id: "one", sdl: "type Query { a: Int }" };
const request = (text: string) => ({ text, labels: new Set<string>(), percentile: 100 });
await planner.plan(source, request("{ a }"));
void planner.plan(source, request("{ hang }"));
process.send?.("planning");
process.on("message", () => {});
