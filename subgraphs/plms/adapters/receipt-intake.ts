import { arrayLiteral } from "../../../db/array-literal.ts";
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

/** What `plms.take_charges` raises when a task or a lane is not the project's. */
const STRANGER = "PL001";

/** Takes a whole message in, with everything that it changes: one call, one transaction, one way to the server and back. */
export async function takeReceipts(
  db: Kysely<PlmsDatabase>,
  { messageId, executorRunId, charges }: PricedMessage,
  now: Date,
): Promise<ReceiptsTaken> {
  const columns = sql.join(columnsOf(charges));
  try {
    const { rows } = await sql<TakenRow>`
      select * from plms.take_charges(${messageId}, ${executorRunId}, ${now}, ${columns},
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

type Told = PricedMessage["charges"][number];

/** What a receipt says, by the columns of `plms.take_charges`, in their order. */
const OF_EVERY_RECEIPT: readonly ((charge: Told) => string | number | null)[] = [
  ({ receiptId }) => receiptId,
  ({ taskId }) => taskId,
  ({ laneId }) => laneId,
  ({ provider }) => provider,
  ({ tokens }) => tokens,
  ({ durationMs }) => durationMs,
  ({ costUsd }) => costUsd,
  ({ echoCos }) => echoCos,
  ({ status }) => status,
  ({ occurredAt }) => occurredAt.toISOString(),
];

const OF_USAGE: readonly ((charge: Told) => string | number | null | undefined)[] = [
  ({ usage }) => usage?.model,
  ({ usage }) => usage?.inputTokens,
  ({ usage }) => usage?.outputTokens,
  ({ usage }) => usage?.cacheReadTokens,
  ({ usage }) => usage?.cacheWriteTokens,
  ({ usage }) => usage?.reasoningTokens,
  ({ pricing }) => pricing?.usdExact,
  ({ pricing }) => pricing?.version,
  ({ pricing }) => pricing?.reason,
];

/** A message by columns; null for those of usage where no receipt of it tells any. */
function columnsOf(charges: readonly Told[]): (string | null)[] {
  const isUsageTold = charges.some(({ usage }) => usage);
  return [
    ...OF_EVERY_RECEIPT.map((read) => arrayLiteral(charges.map(read))),
    ...OF_USAGE.map((read) =>
      isUsageTold ? arrayLiteral(charges.map((charge) => read(charge) ?? null)) : null,
    ),
  ];
}
