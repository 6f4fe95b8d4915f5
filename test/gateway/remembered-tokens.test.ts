import { expect, test, vi } from "vitest";
import { createIdentify } from "../../gateway/identity/identify.ts";
import { anonymous } from "../../lib/identity.ts";
import { signToken } from "../../lib/jwt.ts";

const SETTINGS = {
  secret: "a secret of thirty-two characters or more",
  issuer: "issuer",
  audience: "audience",
};
/** More than were remembered when five thousand clients that came back at once were all verified again. */
const CLIENTS = 3_000;

test("when thousands of clients come back in the order in which they came, no token is verified again", async () => {
  const identify = createIdentify({ mode: "jwt", anonymousScopes: [], ...SETTINGS });
  const headers = await Promise.all(
    Array.from({ length: CLIENTS }, async (_, number) => {
      const claims = { ...anonymous([]), subject: `user ${number}` };
      return `Bearer ${await signToken(SETTINGS, claims, 600)}`;
    }),
  );
  const verifications = vi.spyOn(crypto.subtle, "verify");
  for (const header of headers) await identify(header);
  expect(verifications).toHaveBeenCalledTimes(CLIENTS);
  for (const header of headers) await identify(header);
  expect(verifications).toHaveBeenCalledTimes(CLIENTS);
});
