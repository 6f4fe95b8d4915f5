import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { decodeJwt, exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from "jose";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createTokenVerifier, signToken } from "../../lib/jwt.ts";

const SETTINGS = {
  secret: "a secret of thirty-two characters or more",
  issuer: "issuer",
  audience: "audience",
};
const CLAIMS = {
  subject: "ada",
  scopes: ["projects.view"],
  role: "supervisor",
  departments: ["QA"],
  tenant: "north",
} as const;
const key = new TextEncoder().encode(SETTINGS.secret);
const now = () => Math.floor(Date.now() / 1000);

const usable = () => ({ sub: "ada", iss: "issuer", aud: "audience", nbf: now(), exp: now() + 60 });

/** A token whose every claim can be bent, or left out by `undefined`, even so that no library would sign it. */
const bent = (claims: object) =>
  new SignJWT(JSON.parse(JSON.stringify({ ...usable(), ...claims })) as Record<string, unknown>)
    .setProtectedHeader({ alg: "HS256" })
    .sign(key);

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

describe("a bearer token", () => {
  const verify = createTokenVerifier(SETTINGS);

  test("becomes an identity with everything it claims", async () => {
    await expect(verify(await signToken(SETTINGS, CLAIMS, 60))).resolves.toMatchObject({
      ...CLAIMS,
      expiresAtSeconds: expect.any(Number),
      tokenId: expect.any(String),
    });
  });

  test("holds from its signing on, or from as long before as it is told", async () => {
    const claimsOf = async (settings: Parameters<typeof signToken>[0]) =>
      decodeJwt(await signToken(settings, CLAIMS, 60));
    const { iat = 0, nbf } = await claimsOf(SETTINGS);
    expect(nbf).toBe(iat);
    const earlier = await claimsOf({ ...SETTINGS, backdatedSeconds: 3_600 });
    expect(earlier.nbf).toBe((earlier.iat ?? 0) - 3_600);
  });

  test("gives no scopes, the lowest role and the default tenant when it claims nothing", async () => {
    await expect(verify(await bent({}))).resolves.toMatchObject({
      scopes: [],
      role: "operator",
      departments: [],
      tenant: "default",
    });
  });

  test("holds without a start, with its scopes as text, as Keycloak and Auth0 write it", async () => {
    const keycloak = {
      nbf: undefined,
      iat: now(),
      jti: "onrtac:5d1f0d0e",
      aud: ["audience", "account"],
      typ: "Bearer",
      azp: "lifecycle",
      scope: "openid projects.view projects.start",
      realm_access: { roles: ["offline_access", "supervisor", "uma_authorization"] },
      groups: ["QA", "Assembly"],
    };
    const atKeycloak = createTokenVerifier({
      ...SETTINGS,
      claims: { role: "realm_access.roles", departments: "groups" },
    });
    await expect(atKeycloak(await bent(keycloak))).resolves.toMatchObject({
      scopes: ["openid", "projects.view", "projects.start"],
      role: "supervisor",
      departments: ["QA", "Assembly"],
      tenant: "default",
    });
    const auth0 = {
      nbf: undefined,
      sub: "auth0|5f7c8ec7c33c6c004bbafe82",
      aud: ["audience", "https://tenant.eu.auth0.com/userinfo"],
      scope: "openid profile projects.view",
      permissions: ["projects.manage"],
      "https://lifecycle.example/tenant": "north",
    };
    const atAuth0 = createTokenVerifier({
      ...SETTINGS,
      claims: { scopes: ["scope", "permissions"], tenant: "https://lifecycle.example/tenant" },
    });
    await expect(atAuth0(await bent(auth0))).resolves.toMatchObject({
      scopes: ["openid", "profile", "projects.view", "projects.manage"],
      role: "operator",
      departments: [],
      tenant: "north",
    });
  });

  test.each([
    ["another issuer", { iss: "someone" }, 'the claim "iss" is not accepted'],
    ["no issuer", { iss: undefined }, 'the token lacks the claim "iss"'],
    ["another audience", { aud: "somewhere" }, 'the claim "aud" is not accepted'],
    ["no audience", { aud: undefined }, 'the token lacks the claim "aud"'],
    ["no subject", { sub: undefined }, 'the token lacks the claim "sub"'],
    ["no expiry", { exp: undefined }, 'the token lacks the claim "exp"'],
    ["an expiry as text", { exp: "tomorrow" }, 'the claim "exp" is not accepted'],
    ["an expiry beyond the tolerance", { exp: now() - 31 }, "the token has expired"],
    ["a start as text", { nbf: "now" }, 'the claim "nbf" is not accepted'],
    ["a start beyond the tolerance", { nbf: now() + 120 }, "the token does not hold yet"],
    ["scopes that are no text", { scopes: [5] }, "the token's claims are not usable (scopes.0)"],
    ["an expiry that has passed and no start", { nbf: undefined, exp: now() - 90 }, "the token has expired"],
    ["a role that does not exist", { role: "root" }, "the token's claims are not usable (role)"],
  ])("G3: is refused with %s", async (_name, claims, reason) => {
    await expect(bent(claims).then(verify)).rejects.toMatchObject({
      code: "UNAUTHENTICATED",
      message: `Invalid authentication: ${reason}`,
    });
  });

  test("is accepted up to 30 seconds before its start and after its expiry, for clocks that differ", async () => {
    await expect(verify(await bent({ nbf: now() + 20 }))).resolves.toMatchObject({ subject: "ada" });
    await expect(verify(await bent({ exp: now() - 20 }))).resolves.toMatchObject({ subject: "ada" });
  });

  test.each([
    ["no algorithm", `${encode({ alg: "none" })}.${encode(usable())}.`],
    ["a signature of nothing", `${encode({ alg: "HS256" })}.${encode({ sub: "ada" })}.AAAA`],
    ["no structure", "not-a-token"],
    [
      "a path as key id",
      `${encode({ alg: "HS256", kid: "../../etc/passwd" })}.${encode({ sub: "ada" })}.AAAA`,
    ],
  ])("G3: is refused with %s, and never repeated in the message", async (_name, token) => {
    const refusal = await verify(token).then(
      () => undefined,
      (error: Error) => error,
    );
    expect(refusal).toMatchObject({ code: "UNAUTHENTICATED" });
    expect(refusal?.message).not.toContain(token);
  });

  test("is verified with a secret that is imported once for all tokens", async () => {
    const tokens = await Promise.all(["ada", "bob", "eve"].map((sub) => bent({ sub })));
    const imports = vi.spyOn(crypto.subtle, "importKey");
    const verifyAnew = createTokenVerifier(SETTINGS);
    for (const token of tokens) await verifyAnew(token);
    // What an earlier file left running may import keys of its own.
    const ofOurs = imports.mock.calls.filter(([, secret]) => Buffer.from(key).equals(secret as Uint8Array));
    expect(ofOurs).toHaveLength(1);
  });

  test("G3: is refused when it uses an algorithm that is not allowed", async () => {
    const token = await new SignJWT(usable()).setProtectedHeader({ alg: "HS512" }).sign(key);
    await expect(verify(token)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  });
});

describe("tokens of an issuer with public keys", () => {
  const keys: JWK[] = [];
  let server: Server;
  let jwksUrl: string;
  let first: CryptoKey;
  let second: CryptoKey;

  const publish = async (publicKey: CryptoKey, alg: string, kid: string) => {
    keys.push({ ...(await exportJWK(publicKey)), alg, kid, use: "sig" });
  };
  const signed = (privateKey: CryptoKey, alg: string, kid: string) =>
    new SignJWT({ scopes: ["plm.view"] })
      .setProtectedHeader({ alg, kid })
      .setSubject("grace")
      .setIssuer("issuer")
      .setAudience("audience")
      .setNotBefore(new Date())
      .setExpirationTime("1m")
      .sign(privateKey);

  beforeAll(async () => {
    const rsa = await generateKeyPair("RS256");
    const ec = await generateKeyPair("ES256");
    [first, second] = [rsa.privateKey, ec.privateKey];
    await publish(rsa.publicKey, "RS256", "2026-01");
    await publish(ec.publicKey, "ES256", "2026-02");
    server = createServer((_request, response) => response.end(JSON.stringify({ keys }))).listen(
      0,
      "127.0.0.1",
    );
    await new Promise((resolve) => server.on("listening", resolve));
    jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
  });
  afterAll(() => void server.close());

  const verifier = () => createTokenVerifier({ jwksUrl, issuer: "issuer", audience: "audience" });

  test("are accepted under RS256 and ES256, by their key id", async () => {
    const verify = verifier();
    await expect(verify(await signed(first, "RS256", "2026-01"))).resolves.toMatchObject({
      subject: "grace",
    });
    await expect(verify(await signed(second, "ES256", "2026-02"))).resolves.toMatchObject({
      scopes: ["plm.view"],
    });
  });

  test("G3: are refused under a key that is not published, and under another key's id", async () => {
    const stranger = await generateKeyPair("RS256");
    await expect(verifier()(await signed(stranger.privateKey, "RS256", "unknown"))).rejects.toMatchObject({
      code: "UNAUTHENTICATED",
    });
    await expect(verifier()(await signed(stranger.privateKey, "RS256", "2026-01"))).rejects.toMatchObject({
      code: "UNAUTHENTICATED",
    });
  });

  test("G3: are refused when they use the public key as an HMAC secret", async () => {
    const confused = await new SignJWT({ ...usable(), sub: "eve" })
      .setProtectedHeader({ alg: "HS256", kid: "2026-01" })
      .sign(new TextEncoder().encode(JSON.stringify(keys[0])));
    await expect(verifier()(confused)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  });
});
