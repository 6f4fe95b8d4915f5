import type { Kysely } from "kysely";
import type { Database } from "../../../db/tables.ts";
import type { Log } from "../../../lib/log.ts";
import type { CircuitHistory, CircuitKind, CircuitTransition } from "../operations/ports.ts";

export interface RecordedHistory extends CircuitHistory {
  /** Writes in the order of the calls; a failure is logged, because a circuit has to work without its history. */
  record(transition: CircuitTransition): Promise<void>;
  /** Waits for what is still being written. */
  close(): Promise<void>;
}

const COLUMN = { CLOSED: "closed", OPEN: "open", HALF_OPEN: "half_open", ISOLATED: "isolated" } as const;
const KIND = {
  closed: "CLOSED",
  open: "OPEN",
  half_open: "HALF_OPEN",
  isolated: "ISOLATED",
} as const satisfies Record<(typeof COLUMN)[CircuitKind], CircuitKind>;

/** Changes of state of circuit breakers in `catalog.circuit_transitions`. */
export function createCircuitHistory(db: Kysely<Database>, deps: { log: Log }): RecordedHistory {
  let writing = Promise.resolve();

  const write = async ({ circuit, from, to, cause, at }: CircuitTransition): Promise<void> => {
    const row = { circuit, from_state: COLUMN[from], to_state: COLUMN[to], cause, at };
    try {
      await db.insertInto("catalog.circuit_transitions").values(row).execute();
    } catch (error) {
      deps.log.error({ err: error, ...row }, "a change of state of a circuit could not be recorded");
    }
  };

  return {
    record: (transition) => (writing = writing.then(() => write(transition))),
    latest: async (circuit, count) => {
      const rows = await db
        .selectFrom("catalog.circuit_transitions")
        .select(["from_state", "to_state", "cause", "at"])
        .where("circuit", "=", circuit)
        .orderBy("id", "desc")
        .limit(count)
        .execute();
      return rows.map((row) => ({
        circuit,
        from: KIND[row.from_state],
        to: KIND[row.to_state],
        cause: row.cause,
        at: row.at,
      }));
    },
    close: () => writing,
  };
}
