import { CodedError, type ErrorCode } from "../../../lib/errors.ts";
import type { PlmFailure, PlmFailureReason } from "./ports.ts";

interface PublicFailure {
  code: ErrorCode;
  message: string;
}

const BRIEFLY_AWAY = "The product catalogue is briefly unavailable; try again in a moment";
const INCOMPLETE = "The PLM's product data is incomplete right now; try again later or ask support";
const NOT_IN_CATALOGUE = "The PLM has no product data to show; choose another product or ask support";

const PUBLIC: Readonly<Record<PlmFailureReason, PublicFailure>> = {
  TIMEOUT: { code: "PLM_TIMEOUT", message: BRIEFLY_AWAY },
  UNAVAILABLE: { code: "PLM_UNAVAILABLE", message: BRIEFLY_AWAY },
  CIRCUIT_OPEN: { code: "PLM_UNAVAILABLE", message: BRIEFLY_AWAY },
  RATE_LIMITED: { code: "PLM_RATE_LIMITED", message: BRIEFLY_AWAY },
  AUTH_FAILED: {
    code: "PLM_AUTH_FAILED",
    message:
      "The sign-in to the PLM failed; ask an administrator to check PLM_CLIENT_ID and PLM_CLIENT_SECRET",
  },
  MALFORMED: { code: "PLM_MALFORMED", message: INCOMPLETE },
  SHRUNK: { code: "PLM_MALFORMED", message: INCOMPLETE },
  EMPTY: { code: "PLM_NOT_FOUND", message: NOT_IN_CATALOGUE },
  NOT_IN_PLM: { code: "PLM_NOT_FOUND", message: NOT_IN_CATALOGUE },
};

/** A failure as callers see it: one plain sentence and the place of a wrong value, never the PLM's own words. */
export function toCodedError(failure: PlmFailure): CodedError {
  const { code, message: gist } = PUBLIC[failure.reason];
  const { retryAfterMs, place, why } = failure.details;
  const message = place === undefined ? gist : `${gist} (${place}: ${why})`;
  const retryable = code !== "PLM_AUTH_FAILED" && code !== "PLM_NOT_FOUND";
  return new CodedError(code, message, {
    retryable,
    cause: failure,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(place !== undefined && { field: place }),
  });
}
