import { Counter, type Registry } from "prom-client";
import type { DocumentLimits } from "./document-limits.ts";
import { CodedError, type ErrorCode, type ErrorDetails } from "../../lib/errors.ts";

/** The limits, by the name that errors, metrics and the documentation call them. */
type LimitName = "rate" | "cost" | "tokens" | "trustedDocuments" | HeldLimit | keyof DocumentLimits;

/** Limits on what is held for as long as a connection or a subscription lasts. */
export type HeldLimit =
  | "sockets"
  | "socketsPerAddress"
  | "socketsPerIdentity"
  | "subscriptionsPerIdentity"
  | "subscriptionsPerSocket";

/** Makes the error for an exceeded limit, and counts it. */
export type RefuseBy = (limit: LimitName, refusal: Refusal) => CodedError;

interface Refusal extends Pick<ErrorDetails, "retryable" | "retryAfterMs" | "value"> {
  code: Extract<ErrorCode, "OPERATION_TOO_COMPLEX" | "RATE_LIMITED" | "DOCUMENT_NOT_TRUSTED">;
  message: string;
  allowed?: string;
}

export function createRefusals(registry: Registry): RefuseBy {
  const refusals = new Counter({
    name: "gateway_limit_refusals_total",
    help: "Operations refused by a limit, over every transport",
    labelNames: ["limit"] as const,
    registers: [registry],
  });
  return (limit, { code, message, ...details }) => {
    refusals.inc({ limit });
    return new CodedError(code, message, { limit, ...details });
  };
}
