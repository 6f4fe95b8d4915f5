import type { Ports } from "../ports.ts";

/** Forgets what cannot be referred to any more: expired idempotency keys, old message ids, and usage that was refused long ago. */
export async function purge(
  { reconciliation, usageRefusals, clock }: Pick<Ports, "reconciliation" | "usageRefusals" | "clock">,
  inboxRetentionMs: number,
): Promise<{ keys: number; messages: number }> {
  const now = clock.now();
  const before = new Date(now.getTime() - inboxRetentionMs);
  await usageRefusals.purge(before);
  return reconciliation.purge(now, before);
}
