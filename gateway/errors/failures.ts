import { CircuitOpenError, type Verdict } from "../../lib/circuit-breaker.ts";
import type { LimitName } from "./limit-names.ts";
import { CodedError, isCodedError, withoutStack } from "../../lib/errors.ts";
import type { StreamFailure } from "../transport/streams/stream-protocol.ts";

/** Why a call failed for reasons of our own: nothing is known about the subgraph then, and trying again is no use. */
const OWN_LIMIT = Symbol("a limit of the gateway");

/** The subgraph gave no answer that could be read. */
export const unavailable = (name: string, what: string, cause?: unknown): CodedError =>
  new CodedError("SUBGRAPH_UNAVAILABLE", `The subgraph "${name}" ${what}`, { retryable: true, cause });

/** A limit of ours that a call has met, by the name that everybody calls it. */
export type CallLimit = Extract<LimitName, "operationTime" | `subgraph${string}`>;

const limited = (limit: CallLimit): { limit: CallLimit } => ({ limit });

/** The subgraph did not answer in the time that it has for it. */
export const timedOut = (name: string): CodedError =>
  new CodedError("SUBGRAPH_TIMEOUT", `The subgraph "${name}" did not answer in time`, {
    ...limited("subgraphTime"),
    retryable: true,
  });

/** The operation has used up its time; this subgraph was not given all that it may take. */
export const outOfTime = (name: string): CodedError =>
  new CodedError(
    "SUBGRAPH_TIMEOUT",
    `The operation ran out of time while it waited for the subgraph "${name}"`,
    { ...limited("operationTime"), retryable: true, cause: OWN_LIMIT },
  );

/** Too many calls are under way. */
export const overloaded = (name: string): CodedError =>
  new CodedError("SUBGRAPH_UNAVAILABLE", `The subgraph "${name}" has too many calls waiting for it`, {
    ...limited("subgraphWaiting"),
    retryable: true,
    cause: OWN_LIMIT,
  });

export const tooLarge = (name: string, limitBytes: number): CodedError =>
  new CodedError(
    "SUBGRAPH_UNAVAILABLE",
    `The subgraph "${name}" answered with more than ${limitBytes} bytes; ask for less at a time`,
    { ...limited("subgraphAnswer"), retryable: false, cause: OWN_LIMIT },
  );

/** Why a stream is over; silence is a limit of ours that it has met. */
export const streamFailed = (name: string, failure: StreamFailure): CodedError =>
  new CodedError("SUBGRAPH_UNAVAILABLE", `The subgraph "${name}" ${failure.message}`, {
    ...(failure.kind === "silent" && limited("subgraphSilence")),
    ...(failure.kind === "size" && limited("subgraphAnswer")),
    retryable: failure.isPassing,
    cause: failure,
  });

/** A refusal of the circuit breaker as clients see it; everything else as it is. */
export function asRefusal(name: string, error: unknown): unknown {
  if (!(error instanceof CircuitOpenError)) return error;
  const message = `The subgraph "${name}" is not asked at the moment, because it failed too often`;
  const details = { retryable: true, retryAfterMs: error.retryAfterMs, cause: OWN_LIMIT };
  return withoutStack(() => new CodedError("SUBGRAPH_UNAVAILABLE", message, details));
}

/** What a failed call means to the circuit. */
export const judge = (error: unknown): Verdict => ({ counts: isOutage(error) });

/** Whether another attempt may fare better. Whoever took too long gets no second turn: the deadline is gone. */
export const isWorthRepeating = (error: unknown): boolean =>
  isOutage(error) && isCodedError(error) && error.code === "SUBGRAPH_UNAVAILABLE";

const isOutage = (error: unknown): boolean => !(isCodedError(error) && error.details.cause === OWN_LIMIT);

/** Why we refused a call or gave it up, where it was us. */
export function refusalOf(error: unknown): CallLimit | "circuit" | undefined {
  if (error instanceof CircuitOpenError) return "circuit";
  return isCodedError(error) ? (error.details.limit as CallLimit | undefined) : undefined;
}
