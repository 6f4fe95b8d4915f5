import { Counter, type Registry } from "prom-client";
import { CodedError, type ErrorCode, type ErrorDetails } from "../../lib/errors.ts";
import { LIMITS, type LimitName } from "../errors/limit-names.ts";

/** Makes the error for an exceeded limit, and counts it. */
export type RefuseBy = (limit: LimitName, refusal: Refusal) => CodedError;

interface Refusal extends Pick<ErrorDetails, "retryable" | "retryAfterMs" | "value"> {
  code: Extract<ErrorCode, "OPERATION_TOO_COMPLEX" | "RATE_LIMITED" | "DOCUMENT_NOT_TRUSTED">;
  message: string;
  allowed?: string;
}

export interface Refusals {
  refuse: RefuseBy;
  /** Counts a refusal that was made elsewhere in the name of a limit. */
  count: (limit: LimitName) => void;
}

export function createRefusals(registry: Registry): Refusals {
  const refusals = new Counter({
    name: "gateway_limit_refusals_total",
    help: "What was refused by a limit, over every transport",
    labelNames: ["limit"] as const,
    registers: [registry],
  });
  // From the start, so that the first refusal is an increase.
  for (const limit of Object.keys(LIMITS)) refusals.inc({ limit }, 0);
  const count = (limit: LimitName) => refusals.inc({ limit });
  return {
    count,
    refuse: (limit, { code, message, ...details }) => {
      count(limit);
      return new CodedError(code, message, { limit, ...details });
    },
  };
}
