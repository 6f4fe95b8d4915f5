import { CodedError } from "../lib/errors.ts";
import { anonymous, DEFAULT_TENANT, SCOPES, type Identity } from "../lib/identity.ts";
import { createTokenVerifier } from "../lib/jwt.ts";
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
  const verify = createTokenVerifier(settings);
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
