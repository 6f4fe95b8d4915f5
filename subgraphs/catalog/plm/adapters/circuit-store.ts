import type { Kysely, Selectable } from "kysely";
import type { CatalogDatabase } from "../../../../db/tables/catalog.ts";
import type { Clock } from "../../../../lib/clock.ts";
import type { SharedCircuit } from "../../../../lib/circuit.ts";
import type { Log } from "../../../../lib/log.ts";
import type { CircuitBreaker } from "../../../../lib/circuit-breaker.ts";
import type { Events } from "../events.ts";
import type { TimeSpan } from "../../../../lib/time-span.ts";
import type { CircuitHistory, CircuitKind, CircuitTransition } from "../../products/operations/ports.ts";

const COLUMN = { CLOSED: "closed", OPEN: "open", HALF_OPEN: "half_open", ISOLATED: "isolated" } as const;
const KIND = {
  closed: "CLOSED",
  open: "OPEN",
  half_open: "HALF_OPEN",
  isolated: "ISOLATED",
} as const satisfies Record<(typeof COLUMN)[CircuitKind], CircuitKind>;

/** A circuit as all replicas know it, in `catalog.circuit_states`. */
export interface CircuitStates {
  read(circuit: string): Promise<SharedCircuit | undefined>;
  /** Writes unless another replica has written a later generation; answers whether it did. */
  write(circuit: string, state: SharedCircuit): Promise<boolean>;
}

type Row = Selectable<CatalogDatabase["catalog.circuit_states"]>;

/** Times are stored as wall-clock time, because monotonic clocks of two processes have nothing in common. */
export function createCircuitStates(db: Kysely<CatalogDatabase>, { clock }: { clock: Clock }): CircuitStates {
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

function toShared(row: Row, offsetMs: number): SharedCircuit {
  const generation = Number(row.version);
  const cause = row.cause ?? "opened by another replica";
  if (row.state === "closed") return { kind: "CLOSED", generation };
  if (row.state === "isolated") return { kind: "ISOLATED", generation, cause };
  const probeAtMs = (row.probe_at?.getTime() ?? 0) - offsetMs;
  return { kind: "OPEN", generation, cause, openings: Math.max(1, row.openings), probeAtMs };
}

const TOPIC = "circuit";

/** Keeps a circuit in step with the other replicas; without the database each goes on by itself. */
export function shareCircuit(
  name: string,
  deps: {
    breaker: () => CircuitBreaker;
    states: CircuitStates;
    history: Pick<RecordedHistory, "settled">;
    events: Events;
    log: Log;
  },
) {
  const { breaker, states, history, events, log } = deps;
  let sharing = Promise.resolve();

  const follow = async (): Promise<void> => {
    try {
      const other = await states.read(name);
      if (other && other.generation > breaker().shared().generation) breaker().follow(other);
    } catch (error) {
      log.warn({ err: error, circuit: name }, "the shared state of the circuit cannot be read");
    }
  };
  const share = async (): Promise<void> => {
    try {
      // The watchers of another replica read the history as soon as they hear of the state.
      await history.settled();
      const state = breaker().shared();
      // Another replica was first: its state is the later one.
      if (await states.write(name, state)) await events.tell(TOPIC, String(state.generation));
      else await follow();
    } catch (error) {
      log.warn({ err: error, circuit: name }, "the state of the circuit could not be shared");
    }
  };
  events.on(TOPIC, () => void follow());
  return {
    follow,
    /** Tells the others of the state, after what was told before. */
    share: (): void => void (sharing = sharing.then(share)),
    /** Waits for what is being told. */
    settled: () => sharing,
  };
}

export interface RecordedHistory extends CircuitHistory {
  /** Writes in the order of the calls; a failure is logged, because a circuit has to work without its history. */
  record(transition: CircuitTransition): Promise<void>;
  /** Waits for what is still being written. */
  settled(): Promise<void>;
}

/** Changes of state of circuit breakers in `catalog.circuit_transitions`. */
export function createCircuitHistory(db: Kysely<CatalogDatabase>, deps: { log: Log }): RecordedHistory {
  let writing = Promise.resolve();

  const write = async ({ circuit, from, to, cause, at }: CircuitTransition): Promise<void> => {
    const row = { circuit, from_state: COLUMN[from], to_state: COLUMN[to], cause, at };
    try {
      await db.insertInto("catalog.circuit_transitions").values(row).execute();
    } catch (error) {
      deps.log.error({ err: error, ...row }, "a change of state of a circuit could not be recorded");
    }
  };

  const newestOf = async (circuit: string, count: number, span: Partial<TimeSpan> = {}) => {
    // Whoever has seen a state also sees how it came about.
    await writing;
    let rows = db
      .selectFrom("catalog.circuit_transitions")
      .select(["from_state", "to_state", "cause", "at"])
      .where("circuit", "=", circuit);
    if (span.from) rows = rows.where("at", ">", span.from);
    if (span.to) rows = rows.where("at", "<=", span.to);
    const found = await rows.orderBy("id", "desc").limit(count).execute();
    return found.map((row) => ({
      circuit,
      from: KIND[row.from_state],
      to: KIND[row.to_state],
      cause: row.cause,
      at: row.at,
    }));
  };
  return {
    record: (transition) => (writing = writing.then(() => write(transition))),
    latest: (circuit, count) => newestOf(circuit, count),
    within: (circuit, span, count) => newestOf(circuit, count, span),
    before: async (circuit, moment) => (await newestOf(circuit, 1, { to: moment }))[0],
    settled: () => writing,
  };
}
