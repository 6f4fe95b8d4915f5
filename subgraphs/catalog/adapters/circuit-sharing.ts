import type { Log } from "../../../lib/log.ts";
import type { CircuitBreaker } from "../../../lib/circuit-breaker.ts";
import type { CircuitStates } from "./circuit-state.ts";
import type { Events } from "./events.ts";

const TOPIC = "circuit";

/** Keeps a circuit in step with the other replicas; without the database each goes on by itself. */
export function shareCircuit(
  name: string,
  deps: { breaker: () => CircuitBreaker; states: CircuitStates; events: Events; log: Log },
) {
  const { breaker, states, events, log } = deps;
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
      const state = breaker().shared();
      // Somebody else was first: their state is the later one.
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
