import { badInput } from "../../lib/errors.ts";
import { DEFAULT_TENANT, ROLES, SCOPES, type Role } from "../../lib/identity.ts";
import { signToken, type SigningSettings } from "../../lib/jwt.ts";

/** What each role may do in a local installation. */
const SCOPES_OF_ROLE: Readonly<Record<Role, readonly string[]>> = {
  operator: ["projects.view", "plm.view"],
  supervisor: SCOPES.filter((scope) => scope !== "plm.admin" && scope !== "lanes.manage"),
  admin: SCOPES,
};

const SECONDS_IN: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };
const TTL_MAX_SECONDS = 30 * 86_400;

/** A signed token for local use. */
export const localToken = (settings: SigningSettings, role: Role, ttlSeconds: number): Promise<string> =>
  signToken(
    settings,
    { subject: `local-${role}`, scopes: SCOPES_OF_ROLE[role], role, departments: [], tenant: DEFAULT_TENANT },
    ttlSeconds,
  );

/** @throws CodedError BAD_USER_INPUT naming the roles */
export function parseRole(text: string): Role {
  const role = ROLES.find((known) => known === text);
  if (role === undefined) throw badInput("--role", text, `one of ${ROLES.join(", ")}`);
  return role;
}

/** Seconds in text like `90s`, `15m`, `1h`, `2d`. @throws CodedError BAD_USER_INPUT */
export function parseTtl(text: string): number {
  const [, count, unit = ""] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  const seconds = Number(count) * (SECONDS_IN[unit] ?? Number.NaN);
  if (!(seconds >= 1 && seconds <= TTL_MAX_SECONDS))
    throw badInput("--ttl", text, "a time up to 30 days, like 90s, 15m, 1h or 2d");
  return seconds;
}
