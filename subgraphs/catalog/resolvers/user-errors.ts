import { isCodedError, type CodedError, type ErrorCode } from "../../../lib/errors.ts";
import type {
  Conflict,
  Forbidden,
  InvalidInput,
  NotFound,
  Unavailable,
} from "../generated/resolver-types.ts";

/** The members of result unions that stand for failures. */
interface UserErrors {
  InvalidInput: InvalidInput & { __typename: "InvalidInput" };
  NotFound: NotFound & { __typename: "NotFound" };
  Conflict: Conflict & { __typename: "Conflict" };
  Forbidden: Forbidden & { __typename: "Forbidden" };
  Unavailable: Unavailable & { __typename: "Unavailable" };
}

const MEMBER_OF: Partial<Record<ErrorCode, keyof UserErrors>> = {
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
};

/** What `work` results in, or the member of the union that its failure is; other failures are thrown on. */
export async function orUserError<T, Member extends keyof UserErrors>(
  members: readonly Member[],
  work: () => Promise<T>,
): Promise<T | UserErrors[Member]> {
  try {
    return await work();
  } catch (error) {
    const member = isCodedError(error) ? MEMBER_OF[error.code] : undefined;
    if (!isCodedError(error) || !isOneOf(members, member)) throw error;
    return toMember(member, error) as UserErrors[Member];
  }
}

const isOneOf = <Member extends string>(
  members: readonly Member[],
  member: string | undefined,
): member is Member => (members as readonly (string | undefined)[]).includes(member);

const toMember = (__typename: keyof UserErrors, { code, message, details }: CodedError): object => ({
  __typename,
  code,
  message,
  field: details.field ?? null,
  allowed: details.allowed ?? null,
  retryAfterMs: details.retryAfterMs ?? null,
});
