import { endWithParent } from "../../../gateway/execution/planner/end-with-parent.js";

/** A planner's process that takes its time to load, and does not come to an end over `{ hang }`. */
const LOADING_MS = 1_500;

process.on("message", ({ id, sdl, text }: { id: number; sdl?: string; text?: string }) => {
  if (sdl !== undefined) for (const until = performance.now() + LOADING_MS; performance.now() < until;);
  if (text === "{ hang }") for (;;);
  process.send?.({ id, plan: text });
});
process.on("disconnect", () => process.exit());
endWithParent();
