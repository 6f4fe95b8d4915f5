import { mapUserErrors } from "../kit/user-errors.ts";
import type { Conflict, Forbidden, InvalidInput, NotFound, Unavailable } from "./generated/resolver-types.ts";

/** The members of result unions that stand for failures. */
interface UserErrors {
  InvalidInput: InvalidInput & { __typename: "InvalidInput" };
  NotFound: NotFound & { __typename: "NotFound" };
  Conflict: Conflict & { __typename: "Conflict" };
  Forbidden: Forbidden & { __typename: "Forbidden" };
  Unavailable: Unavailable & { __typename: "Unavailable" };
}

export const { orUserError } = mapUserErrors<UserErrors>({
  BAD_USER_INPUT: "InvalidInput",
  NOT_FOUND: "NotFound",
  CONFLICT: "Conflict",
  IDEMPOTENCY_KEY_REUSED: "Conflict",
  IDEMPOTENCY_IN_FLIGHT: "Conflict",
  PLM_IS_SOURCE_OF_TRUTH: "Conflict",
  FORBIDDEN: "Forbidden",
  PLM_TIMEOUT: "Unavailable",
  PLM_UNAVAILABLE: "Unavailable",
  PLM_AUTH_FAILED: "Unavailable",
  PLM_NOT_FOUND: "Unavailable",
  PLM_MALFORMED: "Unavailable",
  PLM_RATE_LIMITED: "Unavailable",
});
