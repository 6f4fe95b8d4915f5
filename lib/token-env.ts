import { list, optionalText, optionalUrl, text, type Environment } from "./env.ts";
import { CLAIM_NAMES, type TokenSettings } from "./jwt.ts";
import { allowPrivateOf, publicAddresses, type OutboundEnvironment } from "./outbound-env.ts";

/** What both those who sign tokens and those who verify them are told. */
export const issuerVariables = {
  JWT_SECRET: optionalText({
    min: 32,
    secret: true,
    description: "HS256 secret of the bearer tokens",
  }),
  JWT_ISSUER: text({ fallback: "lifecycle-gateway", description: "Required `iss` of tokens" }),
  JWT_AUDIENCE: text({ fallback: "lifecycle-gateway", description: "Required `aud` of tokens" }),
};

/** For every process that verifies bearer tokens. */
export const tokenVariables = {
  ...issuerVariables,
  JWT_JWKS_URL: optionalUrl({
    schemes: ["https", "http"],
    description: "Public keys of the token issuer (RS256, ES256), in place of JWT_SECRET",
  }),
  JWT_SCOPES_CLAIMS: list({
    fallback: CLAIM_NAMES.scopes.join(","),
    description:
      "Claims that hold scopes, as a list or as text with blanks between; all of them count. A claim is named as it stands or by its path, like realm_access.roles",
  }),
  JWT_ROLE_CLAIM: text({
    fallback: CLAIM_NAMES.role,
    description:
      "Claim of the role: operator, supervisor or admin, or a list with one of them; operator without it",
  }),
  JWT_DEPARTMENTS_CLAIM: text({
    fallback: CLAIM_NAMES.departments,
    description: "Claim of the departments, a list or one name; none without it",
  }),
  JWT_TENANT_CLAIM: text({
    fallback: CLAIM_NAMES.tenant,
    description: "Claim of the tenant; default without it",
  }),
};

type TokenEnvironment = Environment<typeof tokenVariables>;

/** How callers prove who they are. */
export const tokenSettingsOf = (env: TokenEnvironment & OutboundEnvironment): TokenSettings => ({
  secret: env.JWT_SECRET,
  jwksUrl: env.JWT_JWKS_URL,
  issuer: env.JWT_ISSUER,
  audience: env.JWT_AUDIENCE,
  allowPrivate: allowPrivateOf(env),
  claims: {
    scopes: env.JWT_SCOPES_CLAIMS,
    role: env.JWT_ROLE_CLAIM,
    departments: env.JWT_DEPARTMENTS_CLAIM,
    tenant: env.JWT_TENANT_CLAIM,
  },
});

const hasOneKindOfKeys = (env: TokenEnvironment): string | undefined =>
  env.JWT_SECRET !== undefined && env.JWT_JWKS_URL !== undefined
    ? "JWT_SECRET, JWT_JWKS_URL: both are given; expected one of them"
    : undefined;

/** Rules: one thing or the other signs the tokens, and its keys lie where they may be fetched. */
export const tokenRules = [hasOneKindOfKeys, ...publicAddresses("JWT_JWKS_URL")] as const;
