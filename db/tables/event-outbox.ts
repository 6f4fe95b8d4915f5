import type { JSONColumnType } from "kysely";
import type { BigintId } from "./columns.ts";

/** Each subgraph has an outbox of this shape, which triggers fill. */
export interface EventOutboxTable {
  id: BigintId;
  /** Names the message at the broker. */
  message_id: string;
  /** The parts of the topic behind the stream and the subgraph; null for no value. */
  topic: JSONColumnType<readonly unknown[]>;
  message: JSONColumnType<Record<string, unknown>>;
  told_at: Date;
  /** Why the broker will not take it; null while it waits. */
  refused: string | null;
}
