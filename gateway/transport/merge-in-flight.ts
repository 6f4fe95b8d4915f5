import { withinMs } from "../../lib/deadline.ts";
import { outOfTime, refusalOf } from "../errors/failures.ts";

/** Mutations that have ended, at any subgraph: what was sent before one may not know of it. */
export interface Writes {
  ended: number;
}

/** A call that may be answered by one that is under way. */
interface Joinable<T> {
  /** Everything beside the body that the answer may depend on: every header that is sent. */
  caller: string;
  body: string;
  call: () => Promise<T>;
  /** How long this caller still wants the answer, in milliseconds. */
  timeLeftMs: () => number;
}

export type MergeInFlight<T> = (request: Joinable<T>) => Promise<T>;

interface Flight<T> {
  answer: Promise<T>;
  /** Mutations that had ended when it was sent. */
  asOf: number;
}

/**
 * Calls that are equal and under way at the same time share one answer, unless a mutation has ended between them: a
 * client that reads after its write sees what it wrote. Whoever joins waits no longer than for its own deadline, and asks
 * anew if the first caller's time was over earlier.
 *
 * @throws CodedError SUBGRAPH_TIMEOUT for a caller whose own time is over, or whatever the call throws
 */
export function createMergeInFlight<T>(name: string, writes: Writes): MergeInFlight<T> {
  // Two steps, for one long key would be copied together and hashed for every call.
  const callers = new Map<string, Map<string, Flight<T>>>();

  const start = ({ caller, body, call }: Joinable<T>): Promise<T> => {
    const flights = callers.get(caller) ?? new Map<string, Flight<T>>();
    const flight = { answer: call(), asOf: writes.ended };
    callers.set(caller, flights.set(body, flight));
    const forget = () => {
      // One that was sent after a mutation may have taken its place.
      if (flights.get(body) === flight) flights.delete(body);
      if (flights.size === 0 && callers.get(caller) === flights) callers.delete(caller);
    };
    flight.answer.then(forget, forget);
    return flight.answer;
  };
  const join = async (request: Joinable<T>, { answer }: Flight<T>): Promise<T> => {
    const leftMs = request.timeLeftMs();
    if (leftMs === Number.POSITIVE_INFINITY) return answer;
    return withinMs(answer, leftMs, () => {
      throw outOfTime(name);
    });
  };
  const merge: MergeInFlight<T> = (request) => {
    const flight = callers.get(request.caller)?.get(request.body);
    return flight?.asOf === writes.ended ? joinOrAsk(request, flight) : start(request);
  };
  const joinOrAsk = async (request: Joinable<T>, flight: Flight<T>): Promise<T> => {
    try {
      return await join(request, flight);
    } catch (error) {
      const isOthersTime = refusalOf(error) === "operationTime" && request.timeLeftMs() >= 1;
      if (!isOthersTime) throw error;
      return merge(request);
    }
  };
  return merge;
}
