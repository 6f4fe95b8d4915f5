import { isCodedError, type CodedError, type ErrorCode } from "../../lib/errors.ts";

/** The object type of the schema that stands for each expected failure, by the code of the failure. */
type MemberOf<Member extends string> = Partial<Record<ErrorCode, Member>>;

/** Turns expected failures into members of result unions. */
export interface UserErrorMapping<UserErrors> {
  /**
   * The member of the union that a failure is.
   *
   * @throws the failure itself when it is none of the members
   */
  asUserError: <Member extends keyof UserErrors>(
    members: readonly Member[],
    error: unknown,
  ) => UserErrors[Member];
  /** What `work` results in, or the member of the union that its failure is; other failures are thrown on. */
  orUserError: <T, Member extends keyof UserErrors>(
    members: readonly Member[],
    work: () => Promise<T>,
  ) => Promise<T | UserErrors[Member]>;
}

/** `UserErrors`: the generated types of the members by their name. */
export function mapUserErrors<UserErrors extends object>(
  memberOf: MemberOf<keyof UserErrors & string>,
): UserErrorMapping<UserErrors> {
  const asUserError: UserErrorMapping<UserErrors>["asUserError"] = (members, error) => {
    const member = isCodedError(error) ? memberOf[error.code] : undefined;
    if (!isCodedError(error) || !member || !(members as readonly unknown[]).includes(member)) throw error;
    return toMember(member, error) as never;
  };
  return {
    asUserError,
    orUserError: async (members, work) => {
      try {
        return await work();
      } catch (error) {
        return asUserError(members, error);
      }
    },
  };
}

const toMember = (__typename: string, { code, message, details }: CodedError): object => ({
  __typename,
  code,
  message,
  field: details.field ?? null,
  allowed: details.allowed ?? null,
  retryAfterMs: details.retryAfterMs ?? null,
});
