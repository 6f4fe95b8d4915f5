import {
  createRemoteJWKSet,
  customFetch,
  errors,
  jwtVerify,
  SignJWT,
  type JWTPayload,
  type JWTVerifyGetKey,
} from "jose";
import { request } from "undici";
import { z } from "zod";
import { CodedError } from "./errors.ts";
import { createOutboundAgent, type AllowPrivate } from "./outbound.ts";
import { DEFAULT_TENANT, ROLES, type Identity } from "./identity.ts";

/** By which keys tokens are verified, and what they have to say. */
export interface TokenSettings {
  /** HS256 secret, at least 32 characters; or … */
  secret?: string | undefined;
  /** … the address of the issuer's public keys (RS256, ES256). */
  jwksUrl?: string | undefined;
  issuer: string;
  audience: string;
  /** For the fetching of public keys. */
  allowPrivate?: AllowPrivate | undefined;
  /** Where the issuer writes what we read; the usual names when left out. */
  claims?: Partial<ClaimNames> | undefined;
}

/** Names of claims, each as it stands in the token or as a path with dots, like `realm_access.roles`. */
export interface ClaimNames {
  /** Lists, or text with blanks between, all of which count. */
  scopes: readonly string[];
  role: string;
  departments: string;
  tenant: string;
}

/** The usual names of claims. */
export const CLAIM_NAMES: ClaimNames = {
  scopes: ["scopes", "scope"],
  role: "role",
  departments: "departments",
  tenant: "tenant",
};

/** Answers whose token it is; throws CodedError UNAUTHENTICATED for one that is not good. */
export type TokenVerifier = (token: string) => Promise<Identity>;

const CLOCK_TOLERANCE_SECONDS = 30;
const KEYS_LIMIT_BYTES = 262_144;

const claimsSchema = z.object({
  sub: z.string().min(1).max(256),
  exp: z.number(),
  nbf: z.number().optional(),
  jti: z.string().max(256).optional(),
  scopes: z.array(z.string().max(128)).max(256).default([]),
  role: z.enum(ROLES).default("operator"),
  departments: z.array(z.string().max(128)).max(256).default([]),
  override_labels: z.array(z.string().max(128)).max(64).optional(),
  tenant: z.string().min(1).max(128).default(DEFAULT_TENANT),
});

/**
 * Verifies bearer tokens: signature by an allowed algorithm, issuer, audience, and the time in which they hold; when that
 * begins need not be said (RFC 7519). Without a role, departments or a tenant they are an operator's, of none and of the
 * default tenant.
 *
 * @throws CodedError UNAUTHENTICATED with the reason, never with the token
 */
export function createTokenVerifier(settings: TokenSettings): TokenVerifier {
  const verify = verifierFor(settings);
  return async (token) => {
    const payload = await verify(token).catch((error: unknown) => {
      throw new CodedError("UNAUTHENTICATED", `Invalid authentication: ${reasonOf(error)}`);
    });
    const claims = claimsSchema.safeParse(usualNames(payload, { ...CLAIM_NAMES, ...settings.claims }));
    if (!claims.success) {
      const fields = claims.error.issues.map((issue) => issue.path.join(".")).join(", ");
      throw new CodedError(
        "UNAUTHENTICATED",
        `Invalid authentication: the token's claims are not usable (${fields})`,
      );
    }
    return toIdentity(claims.data);
  };
}

/** The claims under our names, whatever the issuer calls them. */
function usualNames(payload: JWTPayload, names: ClaimNames): Record<string, unknown> {
  const { sub, exp, nbf, jti } = payload;
  const role = claimAt(payload, names.role);
  const departments = claimAt(payload, names.departments);
  const scopes = names.scopes.flatMap((name) => listed(claimAt(payload, name)));
  return {
    sub,
    exp,
    nbf,
    jti,
    scopes: [...new Set(scopes)],
    // An issuer may list roles of many systems: the most powerful of those that are ours counts.
    role: Array.isArray(role) ? ROLES.findLast((known) => role.includes(known)) : role,
    departments: typeof departments === "string" ? [departments] : departments,
    tenant: claimAt(payload, names.tenant),
  };
}

/** The claim of that name, else the one at the end of the path; undefined when there is neither, or when it is null. */
function claimAt(payload: JWTPayload, name: string): unknown {
  if (Object.hasOwn(payload, name)) return payload[name] ?? undefined;
  const found = name.split(".").reduce<unknown>((at, key) => {
    const isObject = typeof at === "object" && at !== null && Object.hasOwn(at, key);
    return isObject ? (at as Record<string, unknown>)[key] : undefined;
  }, payload);
  return found ?? undefined;
}

/** Scopes as RFC 8693 writes them, with blanks between, or as a list. */
const listed = (claim: unknown): unknown[] =>
  typeof claim === "string"
    ? claim.split(" ").filter(Boolean)
    : Array.isArray(claim)
      ? claim
      : claim === undefined
        ? []
        : [claim];

/** What it takes to sign tokens locally. */
export interface SigningSettings {
  secret: string;
  issuer: string;
  audience: string;
  /** From how long before their signing tokens hold, in seconds, for clocks that are set back; default 0. */
  backdatedSeconds?: number;
}

/** Signs an HS256 token for local use; `ttlSeconds` counts from now. */
export function signToken(
  settings: SigningSettings,
  claims: Omit<Identity, "expiresAtSeconds" | "tokenId">,
  ttlSeconds: number,
): Promise<string> {
  const { subject, scopes, role, departments, tenant, overrideLabels } = claims;
  const nowSeconds = Math.floor(Date.now() / 1000);
  return new SignJWT({
    scopes,
    role,
    departments,
    tenant,
    ...(overrideLabels && { override_labels: overrideLabels }),
  })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setSubject(subject)
    .setIssuer(settings.issuer)
    .setAudience(settings.audience)
    .setIssuedAt(nowSeconds)
    .setNotBefore(nowSeconds - (settings.backdatedSeconds ?? 0))
    .setExpirationTime(nowSeconds + ttlSeconds)
    .setJti(crypto.randomUUID())
    .sign(keyOf(settings.secret));
}

function verifierFor(settings: TokenSettings): (token: string) => Promise<JWTPayload> {
  const options = {
    issuer: settings.issuer,
    audience: settings.audience,
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    requiredClaims: ["sub", "exp"],
  };
  if (settings.jwksUrl !== undefined) {
    const keys: JWTVerifyGetKey = remoteKeys(settings.jwksUrl, settings.allowPrivate);
    return async (token) =>
      (await jwtVerify(token, keys, { ...options, algorithms: ["RS256", "ES256"] })).payload;
  }
  let key: ReturnType<typeof imported> | undefined;
  return async (token) => {
    key ??= imported(settings.secret ?? "");
    return (await jwtVerify(token, await key, { ...options, algorithms: ["HS256"] })).payload;
  };
}

function remoteKeys(url: string, allowPrivate: AllowPrivate | undefined): JWTVerifyGetKey {
  const dispatcher = createOutboundAgent({ allowPrivate, maxResponseSize: KEYS_LIMIT_BYTES });
  return createRemoteJWKSet(new URL(url), {
    [customFetch]: async (address, { headers, signal }) => {
      const answer = await request(address, { headers: Object.fromEntries(headers), signal, dispatcher });
      return new Response(await answer.body.text(), { status: answer.statusCode });
    },
  });
}

const keyOf = (secret: string) => new TextEncoder().encode(secret);

/** A secret that is imported once: jose imports bytes anew for each token (findings/jose-imports-bytes-for-each-token.sh). */
const imported = (secret: string) =>
  crypto.subtle.importKey("raw", keyOf(secret), { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);

const toIdentity = (claims: z.infer<typeof claimsSchema>): Identity => ({
  subject: claims.sub,
  scopes: claims.scopes,
  role: claims.role,
  departments: claims.departments,
  tenant: claims.tenant,
  expiresAtSeconds: claims.exp,
  tokenId: claims.jti,
  ...(claims.override_labels && { overrideLabels: claims.override_labels }),
});

/** What the holder of a token that was good can put right by getting another one. */
export const TOKEN_HAS_EXPIRED = "the token has expired";

function reasonOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return TOKEN_HAS_EXPIRED;
  if (error instanceof errors.JWTClaimValidationFailed) return claimProblem(error);
  if (error instanceof errors.JOSEError) return "the token is malformed or its signature does not match";
  return "the token could not be verified";
}

function claimProblem({ claim, reason }: errors.JWTClaimValidationFailed): string {
  if (reason === "missing") return `the token lacks the claim "${claim}"`;
  if (claim === "nbf" && reason === "check_failed") return "the token does not hold yet";
  return `the claim "${claim}" is not accepted`;
}
