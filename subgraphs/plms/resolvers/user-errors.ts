import { mapUserErrors } from "../../kit/user-errors.ts";
import type { Conflict, InvalidInput, NotFound, Unavailable } from "../generated/resolver-types.ts";

/** The members of result unions that stand for failures. */
interface UserErrors {
  InvalidInput: InvalidInput & { __typename: "InvalidInput" };
  NotFound: NotFound & { __typename: "NotFound" };
  Conflict: Conflict & { __typename: "Conflict" };
  Unavailable: Unavailable & { __typename: "Unavailable" };
}

export const { asUserError, orUserError } = mapUserErrors<UserErrors>({
  BAD_USER_INPUT: "InvalidInput",
  NOT_FOUND: "NotFound",
  CONFLICT: "Conflict",
  IDEMPOTENCY_KEY_REUSED: "Conflict",
  IDEMPOTENCY_IN_FLIGHT: "Conflict",
  EXECUTOR_UNAVAILABLE: "Unavailable",
});
