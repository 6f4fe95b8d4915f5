import { BulkheadRejectedError, TaskCancelledError } from "cockatiel";
import { publicReason, systemCodeOf } from "../../../../../lib/errors.ts";
import { PlmFailure } from "../../../products/operations/ports.ts";

/** An answer that cannot be used, whatever its status says. */
export const malformed = (why: string, cause?: unknown): PlmFailure =>
  new PlmFailure("MALFORMED", `The PLM's answer is unusable: ${why}`, { countsForCircuit: true, cause });

/** An answer with a wrong value in it, named by its place. */
export const malformedAt = (place: string, why: string): PlmFailure =>
  new PlmFailure("MALFORMED", `The PLM's answer is unusable: ${place}: ${why}`, {
    countsForCircuit: true,
    place,
    why,
  });

/** What a status other than success means. */
export function failureOfStatus(status: number, retryAfterMs?: number): PlmFailure {
  const message = `The PLM answered with status ${status}`;
  const ill = { countsForCircuit: true, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  if (status === 401) return new PlmFailure("AUTH_FAILED", message, ill);
  if (status === 408) return new PlmFailure("TIMEOUT", message, ill);
  if (status === 429) return new PlmFailure("RATE_LIMITED", message, ill);
  if (status >= 500) return new PlmFailure("UNAVAILABLE", message, ill);
  if (status < 400) return malformed(`status ${status}`);
  // The PLM understood and said no: it is well, so its circuit stays as it is.
  if (status === 403) return new PlmFailure("AUTH_FAILED", message, { countsForCircuit: false });
  if (status === 404) return new PlmFailure("NOT_IN_PLM", message, { countsForCircuit: false });
  return new PlmFailure("UNAVAILABLE", message, { countsForCircuit: false });
}

/** Anything thrown on the way to the PLM as a failure with a reason. */
export function toPlmFailure(error: unknown, limits: { deadlineMs: number }): PlmFailure {
  if (error instanceof PlmFailure) return error;
  if (error instanceof BulkheadRejectedError) {
    const message = "Too many calls to the PLM are waiting already";
    return new PlmFailure("UNAVAILABLE", message, { countsForCircuit: false, cause: error });
  }
  if (error instanceof TaskCancelledError || isTimeout(error)) {
    const message = `The PLM did not answer within ${limits.deadlineMs} ms`;
    return new PlmFailure("TIMEOUT", message, { countsForCircuit: true, cause: error });
  }
  return new PlmFailure("UNAVAILABLE", unreachable(error), { countsForCircuit: true, cause: error });
}

const CLOSED = "The PLM closed the connection";
const NO_NAME = "The name of the PLM cannot be resolved";
const NO_WAY = "There is no way through the network to the PLM";
const NO_TRUST = "Nobody vouches for the certificate of the PLM";
const NOT_ALLOWED = "The PLM is at a private address, which OUTBOUND_ALLOW_PRIVATE does not allow";
const WHY: Readonly<Record<string, string>> = {
  UND_ERR_SOCKET: CLOSED,
  ECONNRESET: CLOSED,
  EPIPE: CLOSED,
  ECONNREFUSED: "Nothing listens where the PLM should be",
  ENOTFOUND: NO_NAME,
  EAI_AGAIN: NO_NAME,
  PRIVATE_ADDRESS: NOT_ALLOWED,
  EHOSTUNREACH: NO_WAY,
  ENETUNREACH: NO_WAY,
  CERT_HAS_EXPIRED: "The certificate of the PLM has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: NO_TRUST,
  SELF_SIGNED_CERT_IN_CHAIN: NO_TRUST,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: NO_TRUST,
  ERR_TLS_CERT_ALTNAME_INVALID: "The certificate of the PLM is for another name",
};

/** For people first, with the code that a search finds: the circuit and the outbox show it to those who may see the PLM. */
const unreachable = (error: unknown): string =>
  publicReason(WHY[systemCodeOf(error) ?? ""] ?? "The PLM cannot be reached", error);

/** True when the same call may well succeed a moment later, within the same deadline. */
export function isWorthRetrying(failure: PlmFailure): boolean {
  const { countsForCircuit, retryAfterMs = 0 } = failure.details;
  const isTransient = ["TIMEOUT", "UNAVAILABLE", "RATE_LIMITED"].includes(failure.reason);
  return isTransient && countsForCircuit && retryAfterMs === 0;
}

const TIMEOUT_CODES: ReadonlySet<string | undefined> = new Set([
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_HEADERS_TIMEOUT",
  "UND_ERR_BODY_TIMEOUT",
  "ETIMEDOUT",
]);

function isTimeout(error: unknown): boolean {
  const name = error instanceof Error ? error.name : "";
  return name === "AbortError" || name === "TimeoutError" || TIMEOUT_CODES.has(systemCodeOf(error));
}
