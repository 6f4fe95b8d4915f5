import { CodedError } from "./errors.ts";
import { anonymous, type Identity } from "./identity.ts";
import { createTokenVerifier, type TokenSettings, type TokenVerifier } from "./jwt.ts";

/** Turns the value of an `Authorization` header, or its absence, into an identity. */
export type Identify = (authorization: unknown) => Promise<Identity>;

/** Callers by their bearer token; without keys to verify tokens with, every token is refused. */
export const createIdentify = (tokens: TokenSettings, anonymousScopes: readonly string[] = []): Identify =>
  identifyBy(tokens.secret || tokens.jwksUrl ? createTokenVerifier(tokens) : refuseAll, anonymousScopes);

/** The returned function throws CodedError UNAUTHENTICATED for anything but a good bearer token or none. */
export function identifyBy(verify: TokenVerifier, anonymousScopes: readonly string[]): Identify {
  const unnamed = anonymous(anonymousScopes);
  return (authorization) => {
    if (authorization === undefined || authorization === null || authorization === "")
      return Promise.resolve(unnamed);
    const token =
      typeof authorization === "string" ? /^Bearer ([\w.~+/-]+=*)$/i.exec(authorization)?.[1] : undefined;
    if (token !== undefined) return verify(token);
    const problem = 'Invalid authentication: expected "Bearer <token>"';
    return Promise.reject(new CodedError("UNAUTHENTICATED", problem));
  };
}

const refuseAll: TokenVerifier = async () => {
  throw new CodedError(
    "UNAUTHENTICATED",
    "Invalid authentication: no token can be verified here; set JWT_SECRET or JWT_JWKS_URL",
  );
};
