import { endWithParent } from "../../../gateway/execution/planner/end-with-parent.js";

/**
 * A planner's process that takes its time to load. Over `{ hang }` it comes to no end and hears nothing more; over `{ wait }`
 * it comes to none either, but plans what else it is asked.
 */
const LOADING_MS = 1_500;

/** Keeps the process from everything else, without taking a processor from other tests. */
const block = (ms?: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

process.on("message", ({ id, sdl, text }: { id: number; sdl?: string; text?: string }) => {
  if (sdl !== undefined) block(LOADING_MS);
  if (text === "{ hang }") block();
  if (text === "{ wait }") return;
  process.send?.({ id, plan: text });
});
process.on("disconnect", () => process.exit());
endWithParent();
