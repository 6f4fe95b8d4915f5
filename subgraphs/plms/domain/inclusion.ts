import type { Run } from "./run.ts";

/** Whether a run may teach; undefined while it cannot be told yet. */
export type Inclusion = { isIncluded: true } | { isIncluded: false; reason: string };

/** Only validated runs that did the project's real work teach anything about the next one. */
export function inclusionOf(
  run: Pick<Run, "kind" | "status" | "validationPass" | "writeSandbox" | "override">,
): Inclusion | undefined {
  if (run.status === "failed" || run.status === "cancelled") return excluded(`the run is ${run.status}`);
  if (run.status !== "completed") return undefined;
  if (run.kind === "rehearsal" || run.kind === "replay") return excluded(`it is a ${run.kind}`);
  if (run.writeSandbox) return excluded("it wrote to a sandbox");
  if (run.override !== null) return excluded("a person let it pass, its validation did not");
  if (run.validationPass === null) return undefined;
  return run.validationPass ? { isIncluded: true } : excluded("it did not pass validation");
}

const excluded = (reason: string): Inclusion => ({ isIncluded: false, reason });
