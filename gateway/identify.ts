import { CodedError } from "../lib/errors.ts";
import { anonymous, DEFAULT_TENANT, SCOPES, type Identity } from "../lib/identity.ts";
import { createTokenVerifier, type TokenVerifier } from "../lib/jwt.ts";
import type { AuthSettings } from "./config.ts";

/** Turns the value of an `Authorization` header, or its absence, into an identity. */
export type Identify = (authorization: unknown) => Promise<Identity>;

const EVERYONE: Identity = {
  subject: "auth-off",
  scopes: SCOPES,
  role: "admin",
  departments: [],
  tenant: DEFAULT_TENANT,
};

/** The returned function throws CodedError UNAUTHENTICATED for anything but a good bearer token or none. */
export function createIdentify(settings: AuthSettings): Identify {
  if (settings.mode === "off") return async () => EVERYONE;
  const verify = rememberVerified(createTokenVerifier(settings));
  const nobody = anonymous(settings.anonymousScopes);
  return async (authorization) => {
    if (authorization === undefined || authorization === null || authorization === "") return nobody;
    const token =
      typeof authorization === "string" ? /^Bearer ([\w.~+/-]+=*)$/i.exec(authorization)?.[1] : undefined;
    if (token === undefined)
      throw new CodedError("UNAUTHENTICATED", 'Invalid authentication: expected "Bearer <token>"');
    return verify(token);
  };
}

/** How long a verified token is taken at its word, at most; a key that is revoked works for this much longer. */
const REMEMBERED_MS = 30_000;
const REMEMBERED_TOKENS = 2_000;

/** Verifying a signature costs more than executing an operation, and callers send their token with each. */
function rememberVerified(verify: TokenVerifier): TokenVerifier {
  const verified = new Map<string, { identity: Identity; untilMs: number }>();
  return async (token) => {
    const known = verified.get(token);
    if (known && known.untilMs > Date.now()) return known.identity;
    verified.delete(token);
    const identity = await verify(token);
    const expiresAtMs = (identity.expiresAtSeconds ?? 0) * 1000;
    if (verified.size >= REMEMBERED_TOKENS) verified.delete(verified.keys().next().value ?? "");
    verified.set(token, { identity, untilMs: Math.min(expiresAtMs, Date.now() + REMEMBERED_MS) });
    return identity;
  };
}
