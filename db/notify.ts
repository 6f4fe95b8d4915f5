import { createHash } from "node:crypto";
import { sql, type CompiledQuery, type Kysely } from "kysely";

/** That something on a channel has changed: a key and a version, never the thing itself. */
export interface Hint {
  channel: string;
  payload: string;
  /** Names the transaction that told it, so that a hint that comes two ways is heard once. */
  stamp: string;
}

/** Told of what happens on a channel. What either throws is logged and reaches nobody else. */
export interface HintListener {
  /** A transaction with a `notify` was committed, here or elsewhere. Hints may be lost, which `onGap` makes up for. */
  onHint(payload: string, stamp: string): void;
  /** The connection had been away: anything may have happened on the channel in between. */
  onGap(): void;
}

/** A way to hear of hints. */
export interface Notifications {
  /**
   * Resolves with the function that ends it once the channel is listened to; waits while the server is away.
   *
   * @throws Error when the notifications are closed
   */
  listen(channel: string, listener: HintListener): Promise<() => Promise<void>>;
  /** Some process of the build before is connected, which tells of whole channels only. */
  readonly hasOlderPeers: boolean;
  /** What is wrong with hearing, for people; undefined when nothing is. */
  readonly problem: string | undefined;
  close(): Promise<void>;
}

/** What a hint says, and the key by which listeners know it, where that is not the same. */
type Told = string | { payload: string; key: string };

/**
 * Says that something changed; delivered when the transaction commits, to the processes that listen to the channel and to
 * those that listen to this key of it.
 *
 * @param told at most 7900 bytes: a key and a version, never the thing itself
 */
export async function notify<Tables>(executor: Kysely<Tables>, channel: string, told: Told): Promise<void> {
  const { payload, key } = typeof told === "string" ? { payload: told, key: told } : told;
  await sql`select pg_notify(${channel}, ${payload}::text || '@' || pg_current_xact_id()::text),
                   pg_notify(${keyChannel(channel, key)}, ${payload}::text || '@' || pg_current_xact_id()::text),
                   pg_current_xact_id()::text as stamp`.execute(executor);
}

/** Where hints of one key of a channel are told; `db/definitions` says the same in SQL. Names are short in PostgreSQL. */
export const keyChannel = (channel: string, key: string): string =>
  `${channel}.${createHash("md5").update(key).digest("hex").slice(0, 16)}`;

/** The hints that a statement told, with its result: those of `notify`, and of functions that say so in `told_hints`. */
export function hintsOf({ sql: text, parameters }: CompiledQuery, rows: readonly unknown[]): readonly Hint[] {
  const [row] = rows as readonly { stamp?: string; told_hints?: readonly Hint[] | null }[];
  if (row?.told_hints) return row.told_hints;
  const [channel, payload, narrow] = parameters;
  if (!text.includes("pg_notify(") || typeof channel !== "string" || typeof payload !== "string") return [];
  const hint = { channel, payload, stamp: row?.stamp ?? "" };
  return typeof narrow === "string" ? [hint, { ...hint, channel: narrow }] : [hint];
}

/** A hint as it goes over the wire, and back. */
export const toWire = ({ payload, stamp }: Omit<Hint, "channel">): string => `${payload}@${stamp}`;
export function fromWire(text: string): Omit<Hint, "channel"> {
  const end = text.lastIndexOf("@");
  return end < 0 ? { payload: text, stamp: "" } : { payload: text.slice(0, end), stamp: text.slice(end + 1) };
}
