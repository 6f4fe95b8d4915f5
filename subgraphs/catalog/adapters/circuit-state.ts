import type { Kysely, Selectable } from "kysely";
import type { Database } from "../../../db/tables.ts";
import type { Clock } from "../../../lib/clock.ts";
import type { SharedCircuit } from "../../../lib/circuit.ts";

/** A circuit as all replicas know it, in `catalog.circuit_states`. */
export interface CircuitStates {
  read(circuit: string): Promise<SharedCircuit | undefined>;
  /** Writes unless another replica has written a later generation; answers whether it did. */
  write(circuit: string, state: SharedCircuit): Promise<boolean>;
}

type Row = Selectable<Database["catalog.circuit_states"]>;

/** Times are stored as wall-clock time, because monotonic clocks of two processes have nothing in common. */
export function createCircuitStates(db: Kysely<Database>, { clock }: { clock: Clock }): CircuitStates {
  const offsetMs = () => clock.now().getTime() - clock.monotonicMs();
  return {
    read: async (circuit) => {
      const row = await db
        .selectFrom("catalog.circuit_states")
        .selectAll()
        .where("circuit", "=", circuit)
        .executeTakeFirst();
      return row && toShared(row, offsetMs());
    },
    write: async (circuit, state) => {
      const at = clock.now();
      const values = {
        state: COLUMN[state.kind],
        cause: state.kind === "CLOSED" ? null : state.cause,
        openings: state.kind === "OPEN" ? state.openings : 0,
        opened_at: state.kind === "CLOSED" ? null : at,
        probe_at: state.kind === "OPEN" ? new Date(state.probeAtMs + offsetMs()) : null,
        version: state.generation,
        changed_at: at,
      };
      const written = await db
        .insertInto("catalog.circuit_states")
        .values({ circuit, ...values })
        .onConflict((conflict) =>
          conflict
            .column("circuit")
            .doUpdateSet(values)
            .where("catalog.circuit_states.version", "<", String(state.generation)),
        )
        .executeTakeFirst();
      return written.numInsertedOrUpdatedRows === 1n;
    },
  };
}

const COLUMN = { CLOSED: "closed", OPEN: "open", ISOLATED: "isolated" } as const;

function toShared(row: Row, offsetMs: number): SharedCircuit {
  const generation = Number(row.version);
  const cause = row.cause ?? "opened by another replica";
  if (row.state === "closed") return { kind: "CLOSED", generation };
  if (row.state === "isolated") return { kind: "ISOLATED", generation, cause };
  const probeAtMs = (row.probe_at?.getTime() ?? 0) - offsetMs;
  return { kind: "OPEN", generation, cause, openings: Math.max(1, row.openings), probeAtMs };
}
