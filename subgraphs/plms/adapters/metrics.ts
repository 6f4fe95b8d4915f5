import { Counter, Gauge, type Registry } from "prom-client";
import type { Meter } from "../operations/ports.ts";

/** What PLMS tells Prometheus. */
export function createMeter(registry: Registry): Meter {
  const registers = [registry];
  const receipts = new Counter({
    name: "plms_receipts_total",
    help: "Receipts by whether they were new, known, or known with other figures",
    labelNames: ["outcome"],
    registers,
  });
  const usage = new Counter({
    name: "plms_usage_events_total",
    help: "Spans and callbacks by whether they became a receipt, were known, refused, or no model call",
    labelNames: ["source", "outcome"],
    registers,
  });
  const starts = new Counter({
    name: "plms_run_starts_total",
    help: "Calls that started a run or got the run of an earlier call",
    labelNames: ["outcome"],
    registers,
  });
  const pushes = new Counter({
    name: "plms_runway_pushes_total",
    help: "Values of a budget runway that were read for its watchers",
    registers,
  });
  const violations = new Gauge({
    name: "plms_invariant_violations",
    help: "Rows that break an invariant, as of the last check",
    labelNames: ["invariant"],
    registers,
  });
  return {
    invariantChecked: (invariant, count) => violations.set({ invariant }, count),
    runStarted: () => starts.inc({ outcome: "started" }),
    runReplayed: () => starts.inc({ outcome: "replayed" }),
    receipts: ({ recorded, duplicate, conflicting }) => {
      receipts.inc({ outcome: "recorded" }, recorded);
      receipts.inc({ outcome: "duplicate" }, duplicate - conflicting);
      receipts.inc({ outcome: "conflicting" }, conflicting);
    },
    usage: (source, outcome) => {
      for (const [name, count] of Object.entries(outcome)) usage.inc({ source, outcome: name }, count);
    },
    runwayPushed: () => pushes.inc(),
  };
}
