import { authorize } from "../../../../lib/authorization.ts";
import { CodedError } from "../../../../lib/errors.ts";
import { anonymous, type Identity } from "../../../../lib/identity.ts";
import { createTokenVerifier, type TokenVerifier } from "../../../../lib/jwt.ts";

export interface RestAuth {
  /** HS256 secret; or … */
  secret: string | undefined;
  /** … the address of the issuer's public keys. Without both, nobody can prove who they are. */
  jwksUrl: string | undefined;
  issuer: string;
  audience: string;
  /** Scopes of callers without a token. */
  anonymousScopes: readonly string[];
}

/** The caller behind an `Authorization` header, who holds the scope. */
export type Admit = (authorization: unknown, scope: string) => Promise<Identity>;

/** The returned function throws CodedError UNAUTHENTICATED or FORBIDDEN ("Missing scope: X"). */
export function createAdmit(auth: RestAuth): Admit {
  const canVerify = auth.secret !== undefined || auth.jwksUrl !== undefined;
  const verify: TokenVerifier = canVerify ? createTokenVerifier(auth) : refuseAll;
  const nobody = anonymous(auth.anonymousScopes);
  return async (authorization, scope) => {
    const identity = authorization === undefined ? nobody : await verify(tokenIn(authorization));
    authorize(identity, [[scope]]);
    return identity;
  };
}

const refuseAll: TokenVerifier = async () => {
  throw new CodedError("UNAUTHENTICATED", "Invalid authentication: no key to verify tokens is configured");
};

function tokenIn(authorization: unknown): string {
  const token =
    typeof authorization === "string" ? /^Bearer ([\w.~+/-]+=*)$/i.exec(authorization)?.[1] : undefined;
  if (token !== undefined) return token;
  throw new CodedError("UNAUTHENTICATED", 'Invalid authentication: expected "Bearer <token>"');
}
