import { signToken } from "../../lib/jwt.ts";

export const JWT = {
  secret: "a secret that only this benchmark knows",
  issuer: "lifecycle-gateway",
  audience: "lifecycle-gateway",
};

/** The headers of a caller; another subject is another caller, whose fetches are shared with nobody. */
export async function headersOf(
  subject: string,
  scopes: readonly string[] = [],
): Promise<Record<string, string>> {
  const claims = { subject, scopes, role: "operator", departments: [], tenant: "default" } as const;
  return { authorization: `Bearer ${await signToken(JWT, claims, 3_600)}` };
}
