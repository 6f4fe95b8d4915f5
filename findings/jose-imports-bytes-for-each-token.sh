#!/usr/bin/env bash
# jose imports a shared secret that is given as bytes or as a KeyObject anew for each token that it verifies or signs.
#
# Package: jose 6.2.17.
# Seen: of 100 tokens that are verified with a secret as a Uint8Array, which is what its documentation shows, each makes one call of
# crypto.subtle.importKey; so it does with the same secret as a KeyObject of node:crypto, which looks like one that is imported already.
# With a CryptoKey there is none. Signing does the same. By a profile of a gateway to which 5,000 clients come back at once, importing is a quarter of verifying.
# Exits with 1 when any of this changes.
set -euo pipefail
work="$(mktemp -d)"; trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund jose@6.2.17
cat > try.mjs <<'JS'
import { createSecretKey } from "node:crypto";
import { jwtVerify, SignJWT } from "jose";

const TOKENS = 100;
const { subtle } = globalThis.crypto;
const importKey = subtle.importKey.bind(subtle);
let imports = 0;
subtle.importKey = (...given) => {
  imports += 1;
  return importKey(...given);
};
const bytes = new TextEncoder().encode("a secret of thirty-two characters or more");
const signed = (key) => new SignJWT({ sub: "ada" }).setProtectedHeader({ alg: "HS256" }).setExpirationTime("1h").sign(key);
const token = await signed(bytes);
const importsOf = async (work) => {
  imports = 0;
  for (let n = 0; n < TOKENS; n += 1) await work();
  return imports;
};
const keys = {
  "Uint8Array": bytes,
  "KeyObject": createSecretKey(bytes),
  "CryptoKey": await importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]),
};
const seen = [];
for (const [kind, key] of Object.entries(keys)) {
  const verified = await importsOf(() => jwtVerify(token, key));
  const made = await importsOf(() => signed(key));
  console.log(`${kind}: ${verified} imports to verify ${TOKENS} tokens, ${made} to sign as many`);
  seen.push(verified, made);
}
process.exitCode = JSON.stringify(seen) === JSON.stringify([100, 100, 100, 100, 0, 0]) ? 0 : 1;
JS
echo "jose 6.2.17:"
node try.mjs
echo "as it was: a secret as bytes or as a KeyObject is imported for each token, a CryptoKey never"
