import { createHmac, timingSafeEqual } from "node:crypto";
import { CodedError } from "./errors.ts";

/**
 * Standard Webhooks signatures (https://www.standardwebhooks.com): HMAC-SHA256 over `id.timestamp.body`,
 * header `webhook-signature: v1,<base64>` with several signatures separated by spaces while keys rotate.
 */
const WEBHOOK_TOLERANCE_SECONDS = 300;

/** The headers of Standard Webhooks. */
export interface WebhookHeaders {
  "webhook-id": string;
  "webhook-timestamp": string;
  "webhook-signature": string;
}

/** What a signature covers. */
export interface SignedMessage {
  id: string;
  timestampSeconds: number;
  body: string;
}

/** Headers that prove `message` to whoever holds the secret (`whsec_` + base64). */
export const signWebhook = (secret: string, message: SignedMessage): WebhookHeaders => ({
  "webhook-id": message.id,
  "webhook-timestamp": String(message.timestampSeconds),
  "webhook-signature": `v1,${digest(secret, message).toString("base64")}`,
});

/** Longest id of a message that is taken. */
const ID_MAX = 256;

/**
 * The id of a message whose signature, by any of the active secrets, and timestamp are good.
 *
 * @throws CodedError UNAUTHENTICATED otherwise
 */
export function verifyWebhook(
  secrets: readonly string[],
  headers: Readonly<Record<string, unknown>>,
  received: { body: string; nowSeconds: number },
): string {
  const id = headers["webhook-id"];
  const timestamp = headers["webhook-timestamp"];
  const signature = headers["webhook-signature"];
  if (typeof id !== "string" || typeof timestamp !== "string" || typeof signature !== "string")
    throw refused("webhook-id, webhook-timestamp and webhook-signature are required");
  if (id.length > ID_MAX) throw refused(`webhook-id has ${id.length} characters; ${ID_MAX} are allowed`);
  const timestampSeconds = Number(timestamp);
  if (!(Math.abs(received.nowSeconds - timestampSeconds) <= WEBHOOK_TOLERANCE_SECONDS)) {
    throw refused(`webhook-timestamp is more than ${WEBHOOK_TOLERANCE_SECONDS} s away from now`);
  }
  const given = signature
    .split(" ", 16)
    .filter((part) => part.startsWith("v1,"))
    .map((part) => Buffer.from(part.slice(3), "base64"));
  const expected = secrets.map((secret) => digest(secret, { id, timestampSeconds, body: received.body }));
  if (!expected.some((good) => given.some((candidate) => equal(good, candidate))))
    throw refused("webhook-signature does not match");
  return id;
}

function digest(secret: string, message: SignedMessage): Buffer {
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  return createHmac("sha256", key)
    .update(`${message.id}.${message.timestampSeconds}.${message.body}`)
    .digest();
}

const equal = (a: Buffer, b: Buffer) => a.length === b.length && timingSafeEqual(a, b);
const refused = (why: string) => new CodedError("UNAUTHENTICATED", `Webhook refused: ${why}`);
