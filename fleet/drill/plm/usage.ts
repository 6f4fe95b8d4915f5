import { setTimeout as sleep } from "node:timers/promises";
import type { KnownOrder } from "./orders.ts";
import type { PlmStack } from "./stack.ts";

const OUTBOX = "{ usageOutbox { pending deadLetters lastError } workOrders(first: 1) { totalCount } }";
const PATIENCE_MS = 120_000;

/** Waits until the PLM has every usage event, dead letters sent again, and compares what it counted with what was acknowledged. */
export async function checkUsage(stack: PlmStack, orders: ReadonlyMap<string, KnownOrder>) {
  const problems: string[] = [];
  const first = await whenEmpty(stack);
  const replay = { query: "mutation { replayUsageMetrics }", as: "admin" } as const;
  const { replayUsageMetrics } = await stack.read<{ replayUsageMetrics: number }>(replay);
  const last = await whenEmpty(stack);
  const { events, duplicates, batches, byWorkOrder } = stack.plm.usage();
  if (last.pending > 0) problems.push(`${last.pending} usage events never arrived: ${last.lastError}`);
  if (last.deadLetters > 0)
    problems.push(`${last.deadLetters} usage events were given up: ${last.lastError}`);
  if (last.orders !== orders.size)
    problems.push(`${orders.size} orders were acknowledged, there are ${last.orders}`);
  for (const { id, versionNumber } of orders.values()) {
    const counted = byWorkOrder[id] ?? 0;
    if (counted !== versionNumber)
      problems.push(`order ${id} was changed ${versionNumber} times, the PLM counted ${counted}`);
  }
  const counts = {
    usageEvents: events,
    usageDuplicates: duplicates,
    usageBatches: batches,
    deadLettersSentAgain: first.deadLetters === 0 ? 0 : replayUsageMetrics,
  };
  return { problems, counts };
}

interface Outbox {
  pending: number;
  deadLetters: number;
  lastError: string | null;
  orders: number;
}

interface OutboxShown {
  usageOutbox: Omit<Outbox, "orders">;
  workOrders: { totalCount: number };
}

async function whenEmpty(stack: PlmStack): Promise<Outbox> {
  const givenUpAt = performance.now() + PATIENCE_MS;
  for (;;) {
    const shown = await stack.read<OutboxShown>({ query: OUTBOX, as: "supervisor" });
    const outbox: Outbox = { ...shown.usageOutbox, orders: shown.workOrders.totalCount };
    if (outbox.pending === 0 || performance.now() > givenUpAt) return outbox;
    await sleep(100);
  }
}
