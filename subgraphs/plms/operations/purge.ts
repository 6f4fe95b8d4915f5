import type { Ports } from "./ports.ts";

/** Forgets what nobody can refer to any more: expired idempotency keys and old message ids. */
export function purge(
  { reconciliation, clock }: Pick<Ports, "reconciliation" | "clock">,
  inboxRetentionMs: number,
): Promise<{ keys: number; messages: number }> {
  const now = clock.now();
  return reconciliation.purge(now, new Date(now.getTime() - inboxRetentionMs));
}
