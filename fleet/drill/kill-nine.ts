import { setTimeout as sleep } from "node:timers/promises";
import type { Fleet } from "../fleet.ts";
import { createRandom } from "../../mocks/seeded-random.ts";
import type { Drill } from "./support/drill.ts";
import type { DrillDatabase } from "./support/database.ts";
import { summary } from "./support/figures.ts";
import { startSystem } from "./support/system.ts";

const ROUNDS = 50;
const QUICK_ROUNDS = 3;
const VICTIMS = ["plms-1", "catalog-1", "gateway-1", "postgres"] as const;

/** kill -9 of one process after the other while callers start runs and write work orders. */
export const killNine: Drill = {
  name: "kill-nine",
  promise:
    "kill -9 of any process at any moment loses no acknowledged mutation, starts no run twice, moves no prior twice and delivers every metric",
  run: async (context) => {
    const { quick, report } = context;
    const { database, fleet, traffic: start, settle } = await startSystem(context);
    const traffic = await start(quick ? 3 : 8);
    const random = createRandom(7);
    const recoveriesMs: number[] = [];
    const rounds = quick ? QUICK_ROUNDS : ROUNDS;
    for (let round = 0; round < rounds; round += 1) {
      await sleep(200 + random() * 1_300);
      const startedAt = performance.now();
      await killAndStart(VICTIMS[round % VICTIMS.length] ?? "postgres", { fleet, database });
      recoveriesMs.push(performance.now() - startedAt);
    }
    report.did(`killed ${VICTIMS.join(", ")} in turn, ${rounds} rounds, and started each again`);
    report.figure("milliseconds from kill to ready", summary(recoveriesMs));
    await settle(traffic);
    report.figure("milliseconds until a call was acknowledged", summary(traffic.ledger.waitsMs));
  },
};

async function killAndStart(
  victim: (typeof VICTIMS)[number],
  { fleet, database }: { fleet: Fleet; database: DrillDatabase },
): Promise<void> {
  if (victim === "postgres") {
    await database.kill();
    await database.start();
    return;
  }
  const member = fleet.member(victim);
  await member.kill();
  await member.start();
}
