import { setTimeout as sleep } from "node:timers/promises";
import type { Drill } from "./support/drill.ts";
import { get } from "./support/settle.ts";
import { startSystem } from "./support/system.ts";

interface Phase {
  what: string;
  rules: object[];
}

const SUBMIT = "/pas/architect/submit";
const PHASES: readonly Phase[] = [
  { what: "refuses connections", rules: [{ path: "/pas/*", mode: "down" }] },
  { what: "is slow", rules: [{ path: "/pas/*", mode: "slow", latencyMs: 1_500 }] },
  { what: "never answers a submission", rules: [{ path: SUBMIT, mode: "hang", rate: 0.7 }] },
  { what: "starts the run and drops the answer", rules: [{ path: SUBMIT, mode: "reset", rate: 0.7 }] },
  { what: "answers 500", rules: [{ path: "/pas/*", mode: "status", status: 500, rate: 0.7 }] },
  { what: "answers garbage", rules: [{ path: "/pas/*", mode: "malformed", rate: 0.7 }] },
  { what: "sends webhooks twice", rules: [{ path: "/webhooks/*", mode: "duplicate" }] },
  { what: "sends webhooks out of order", rules: [{ path: "/webhooks/*", mode: "reordered", rate: 0.5 }] },
  { what: "sends webhooks late", rules: [{ path: "/webhooks/*", mode: "slow", latencyMs: 2_000 }] },
  { what: "loses completions", rules: [{ path: "/webhooks/pas/completion", mode: "lost" }] },
  { what: "is impersonated", rules: [{ path: "/webhooks/*", mode: "forged", rate: 0.5 }] },
];
const QUICK_PHASES: ReadonlySet<number> = new Set([2, 6, 10]);

/** The executor in every bad mood, under load. */
export const pasFaults: Drill = {
  name: "pas-faults",
  promise:
    "whatever the executor does, a key starts at most one run, unknown outcomes are settled by asking, forged webhooks are refused, and priors move once",
  run: async (context) => {
    const { quick, report } = context;
    const {
      fleet,
      traffic: start,
      settle,
    } = await startSystem(context, {
      env: { plms: { PAS_TIMEOUT_MS: "1500", RECONCILE_SECONDS: "1" } },
    });
    const traffic = await start(quick ? 3 : 6);
    const phases = quick ? PHASES.filter((_, index) => QUICK_PHASES.has(index)) : PHASES;
    for (const { what, rules } of phases) {
      await fleet.setPasFaults(...rules);
      await sleep(quick ? 2_000 : 6_000);
      report.did(`the executor ${what}: ${traffic.ledger.runs.size} runs acknowledged so far`);
    }
    await fleet.setPasFaults();
    await settle(traffic);
    const { forgedAccepted, forgedRefused } = await get<Record<string, number>>(
      `${fleet.urls.pas}/_deliveries`,
    );
    report.check("no forged webhook is believed", forgedAccepted === 0, `${forgedRefused} refused`);
  },
};
