import { describe, expect, test } from "vitest";
import { signWebhook, verifyWebhook } from "../../lib/webhook-signature.ts";

// Secret, message and signature of the Standard Webhooks specification's own example.
const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const MESSAGE = {
  id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
  timestampSeconds: 1614265330,
  body: '{"test": 2432232314}',
};
const SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

const received = { body: MESSAGE.body, nowSeconds: MESSAGE.timestampSeconds };
const verify = (headers: Record<string, unknown>, given = received, secrets = [SECRET]) =>
  verifyWebhook(secrets, headers, given);

describe("a webhook signature", () => {
  const headers = { ...signWebhook(SECRET, MESSAGE) };

  test("is the one of the Standard Webhooks specification", () => {
    expect(headers["webhook-signature"]).toBe(SIGNATURE);
    expect(verify(headers)).toBe(MESSAGE.id);
  });

  test("is accepted while keys rotate, on either side", () => {
    const other = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
    expect(verify(headers, received, [other, SECRET])).toBe(MESSAGE.id);
    const both = { ...headers, "webhook-signature": `v1,AAAA ${headers["webhook-signature"]}` };
    expect(verify(both)).toBe(MESSAGE.id);
  });

  test.each([
    ["another body", headers, { ...received, body: '{"test": 1}' }],
    ["another id", { ...headers, "webhook-id": "msg_2" }, received],
    [
      "another timestamp",
      { ...headers, "webhook-timestamp": String(MESSAGE.timestampSeconds + 1) },
      received,
    ],
    ["a message from the past", headers, { ...received, nowSeconds: received.nowSeconds + 301 }],
    ["a message from the future", headers, { ...received, nowSeconds: received.nowSeconds - 301 }],
    ["a timestamp that is no number", { ...headers, "webhook-timestamp": "now" }, received],
    ["another version", { ...headers, "webhook-signature": SIGNATURE.replace("v1,", "v2,") }, received],
    ["no signature", { ...headers, "webhook-signature": undefined }, received],
    ["an id of unreasonable length", { ...headers, "webhook-id": "x".repeat(300) }, received],
  ])("refuses %s", (_name, given, message) => {
    expect(() => verify(given, message)).toThrow(expect.objectContaining({ code: "UNAUTHENTICATED" }));
  });

  test("says how long an id may be", () => {
    const long = { ...headers, "webhook-id": "x".repeat(257) };
    expect(() => verify(long, received)).toThrow("webhook-id has 257 characters; 256 are allowed");
  });
});
