import { sql, type Kysely } from "kysely";
import type { Database } from "../../db/tables.ts";
import { createReconciliationStore } from "../../subgraphs/plms/adapters/reconciliation-store.ts";

const DAY_MS = 86_400_000;
const LOOK_MS = 5;

/**
 * A day of old message ids is forgotten while one message after the other comes in: how long it takes, how long messages
 * take beside it and before it, and how often a backend waited for a lock.
 */
export async function watchRetention(db: Kysely<Database>, send: (index: number) => Promise<void>) {
  let index = 0;
  const sendWhile = async (isGoing: () => boolean): Promise<number[]> => {
    const times: number[] = [];
    while (isGoing()) {
      const startedMs = performance.now();
      await send((index += 1));
      times.push(performance.now() - startedMs);
    }
    return times;
  };
  const calm = await sendWhile(() => index < 500);
  let isPurging = true;
  const startedMs = performance.now();
  const now = new Date();
  const purging = createReconciliationStore(db)
    .purge(now, new Date(now.getTime() - 7 * DAY_MS))
    .finally(() => {
      isPurging = false;
    });
  const waits = countLockWaits(db, () => isPurging);
  const beside = await sendWhile(() => isPurging);
  const { messages: forgotten } = await purging;
  return {
    forgotten,
    seconds: Number(((performance.now() - startedMs) / 1000).toFixed(1)),
    messagesMeanwhile: beside.length,
    calmMs: shape(calm),
    besideMs: shape(beside),
    ...(await waits),
  };
}

/** How often somebody was seen to wait for a heavyweight lock. */
async function countLockWaits(db: Kysely<Database>, isGoing: () => boolean) {
  let [looks, lockWaits] = [0, 0];
  while (isGoing()) {
    const { rows } = await sql<{ waiting: number }>`
      select count(*)::int as waiting from pg_locks where not granted`.execute(db);
    looks += 1;
    lockWaits += rows[0]?.waiting ?? 0;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return { looks, lockWaits };
}

function shape(times: readonly number[]) {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => Number((sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(1));
  return { p50: at(0.5), p99: at(0.99), most: at(1) };
}
