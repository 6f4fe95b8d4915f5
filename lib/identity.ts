import { z } from "zod";

/** Who is calling, as read from a verified token. */
export interface Identity {
  /** Stable user or service id. */
  subject: string;
  scopes: readonly string[];
  role: Role;
  /** Names of the departments whose work the caller may see. */
  departments: readonly string[];
  tenant: string;
  /** Seconds since 1970 after which the identity no longer holds; absent for anonymous and service callers. */
  expiresAtSeconds?: number | undefined;
  /** The token's own id (`jti`), for the audit trail. */
  tokenId?: string | undefined;
  /** Labels of `@override` in the supergraph that the caller's requests follow (`override_labels`). */
  overrideLabels?: readonly string[] | undefined;
}

/** From the least powerful to the most. */
export const ROLES = ["operator", "supervisor", "admin"] as const;
/** What a person is, beside the scopes of the token. */
export type Role = (typeof ROLES)[number];

/** Every scope that a token may have. */
export const SCOPES = [
  "projects.view",
  "projects.start",
  "projects.simulate",
  "projects.manage",
  "plm.view",
  "plm.admin",
  "workorders.write",
  "portfolio.view",
  "lanes.manage",
] as const;

/** The tenant of callers whose token names none. */
export const DEFAULT_TENANT = "default";

/** A caller without a token, holding only the scopes that the configuration grants to everyone. */
export const anonymous = (scopes: readonly string[]): Identity => ({
  subject: "anonymous",
  scopes,
  role: "operator",
  departments: [],
  tenant: DEFAULT_TENANT,
});

const identitySchema: z.ZodType<Identity> = z.object({
  subject: z.string().min(1).max(256),
  scopes: z.array(z.string().max(128)).max(256),
  role: z.enum(ROLES),
  departments: z.array(z.string().max(128)).max(256),
  tenant: z.string().min(1).max(128),
  expiresAtSeconds: z.number().optional(),
  tokenId: z.string().max(256).optional(),
  overrideLabels: z.array(z.string().max(128)).max(64).optional(),
});

/** An identity as header-safe text. */
export const encodeIdentity = (identity: Identity): string =>
  Buffer.from(JSON.stringify(identity)).toString("base64url");

/** The identity that `encodeIdentity` wrote, or undefined for anything else. */
export function decodeIdentity(encoded: unknown): Identity | undefined {
  if (typeof encoded !== "string" || encoded.length > 16_384) return undefined;
  try {
    const result = identitySchema.safeParse(JSON.parse(Buffer.from(encoded, "base64url").toString("utf8")));
    return result.success ? result.data : undefined;
  } catch {
    return undefined;
  }
}
