import { LRUCache } from "lru-cache";
import { identifyBy, type Identify } from "../../lib/identify.ts";
import { DEFAULT_TENANT, SCOPES, type Identity } from "../../lib/identity.ts";
import { createTokenVerifier, type TokenSettings, type TokenVerifier } from "../../lib/jwt.ts";

export type AuthSettings =
  | { mode: "off" }
  | ({ mode: "jwt"; anonymousScopes: readonly string[] } & TokenSettings);

const EVERYONE: Identity = {
  subject: "auth-off",
  scopes: SCOPES,
  role: "admin",
  departments: [],
  tenant: DEFAULT_TENANT,
};

/** Callers by their bearer token, or everybody at once while authentication is off. */
export const createIdentify = (settings: AuthSettings): Identify =>
  settings.mode === "off"
    ? async () => EVERYONE
    : identifyBy(rememberVerified(createTokenVerifier(settings)), settings.anonymousScopes);

/** How long a verified token is taken at its word, at most; a key that is revoked works for this much longer. */
const REMEMBERED_MS = 30_000;
/** As many as a gateway has sockets: fewer would forget each before it comes again, when all clients come back at once. */
const REMEMBERED_TOKENS = 20_000;
/** Characters of all remembered tokens together: an issuer may write long ones. */
const REMEMBERED_CHARS = 16_000_000;

/** For who verifies the tokens of many at once: what is begun in so long, in milliseconds, takes several times as long to end. */
export const VERIFY_STEP_MS = 2;

/** Verifying a signature costs more than executing an operation, and callers send their token with each. */
function rememberVerified(verify: TokenVerifier): TokenVerifier {
  const verified = new LRUCache<string, { identity: Identity; untilMs: number }>({
    max: REMEMBERED_TOKENS,
    maxSize: REMEMBERED_CHARS,
    sizeCalculation: (_identity, token) => token.length,
  });
  return async (token) => {
    const known = verified.get(token);
    if (known && known.untilMs > Date.now()) return known.identity;
    verified.delete(token);
    const identity = await verify(token);
    const expiresAtMs = (identity.expiresAtSeconds ?? 0) * 1000;
    verified.set(token, { identity, untilMs: Math.min(expiresAtMs, Date.now() + REMEMBERED_MS) });
    return identity;
  };
}
