import { detailOf } from "../../../db/database-error.ts";
import { sql, type Kysely } from "kysely";
import type { PlmsDatabase } from "../../../db/tables/plms.ts";
import { BURN_TAU_MS } from "../domain/burn.ts";
import { SLICE_MS } from "../domain/burn-window.ts";
import { OVERRUN } from "../domain/risk.ts";
import type { PricedMessage, ReceiptsTaken } from "../operations/ports.ts";

interface TakenRow {
  outcome: "unknown" | "repeated" | "taken";
  run_id: string | null;
  project_id: string | null;
  recorded: number;
  conflicting: number;
  is_to_be_learnt: boolean;
}

/** What `plms.take_receipts` raises when a task or a lane is not the project's. */
const STRANGER = "PL001";

/** Takes a whole message in, with everything that it changes: one call, one transaction, one way to the server and back. */
export async function takeReceipts(
  db: Kysely<PlmsDatabase>,
  { messageId, executorRunId, charges }: PricedMessage,
  now: Date,
): Promise<ReceiptsTaken> {
  const told = JSON.stringify(charges.map(toRow));
  try {
    const { rows } = await sql<TakenRow>`
      select * from plms.take_receipts(${messageId}, ${executorRunId}, ${now}, ${told},
        ${SLICE_MS}, ${BURN_TAU_MS}, ${OVERRUN})`.execute(db);
    const [row] = rows;
    if (!row || row.outcome === "unknown" || row.run_id === null) return { outcome: "unknown" };
    return {
      outcome: "taken",
      runId: row.run_id,
      recorded: row.recorded,
      conflicting: row.conflicting,
      isToBeLearnt: row.is_to_be_learnt,
    };
  } catch (error) {
    const stranger = detailOf(error, STRANGER);
    if (stranger !== undefined) return { outcome: "stranger", ...(JSON.parse(stranger) as Stranger) };
    throw error;
  }
}

type Stranger = Omit<Extract<ReceiptsTaken, { outcome: "stranger" }>, "outcome">;

const toRow = ({ usage, pricing, ...charge }: PricedMessage["charges"][number]) => ({
  receipt_id: charge.receiptId,
  task_id: charge.taskId,
  lane_id: charge.laneId,
  provider: charge.provider,
  tokens: charge.tokens,
  duration_ms: charge.durationMs,
  cost_usd: charge.costUsd,
  echo_cos: charge.echoCos,
  status: charge.status,
  occurred_at: charge.occurredAt,
  ...(usage && {
    model: usage.model,
    input_tokens: usage.inputTokens,
    output_tokens: usage.outputTokens,
    cache_read_tokens: usage.cacheReadTokens,
    cache_write_tokens: usage.cacheWriteTokens,
    reasoning_tokens: usage.reasoningTokens,
  }),
  ...(pricing && {
    priced_usd: pricing.usdExact,
    price_version: pricing.version,
    unpriced_reason: pricing.reason,
  }),
});
