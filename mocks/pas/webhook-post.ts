import { Agent, request } from "undici";
import type { Clock } from "../../lib/clock.ts";
import { messageOf } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { signWebhook } from "../../lib/webhook-signature.ts";

export interface WebhookMessage {
  /** Stays the same over all attempts. */
  id: string;
  /** Below the base URL. */
  path: string;
  /** JSON text. */
  body: string;
}

/** `refused`: the receiver will not change its mind soon; `failed`: worth any number of retries. */
export type Attempt = "delivered" | "failed" | "refused";

export interface WebhookPost {
  signed(message: WebhookMessage): Promise<Attempt>;
  /** The same message under another id, signed by somebody who does not know the secret. */
  forged(message: WebhookMessage): Promise<Attempt>;
  setUrl(baseUrl: string): void;
  close(): Promise<void>;
}

export interface WebhookPostOptions {
  baseUrl: string;
  /** `whsec_…` */
  secret: string;
  clock: Clock;
  log: Log;
}

const TIMEOUT_MS = 15_000;
const CONNECTIONS = 16;
const REFUSALS: ReadonlySet<number> = new Set([400, 401, 403, 410, 413, 415, 422]);
const FORGED_SECRET = `whsec_${Buffer.from("not-the-secret-of-this-sender").toString("base64")}`;

/** Posts webhooks with Standard Webhooks signatures, each attempt once. */
export function createWebhookPost(options: WebhookPostOptions): WebhookPost {
  const { secret, clock, log } = options;
  const agent = new Agent({ connections: CONNECTIONS, headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS });
  let baseUrl = options.baseUrl;

  const send = async (key: string, message: WebhookMessage): Promise<Attempt> => {
    const timestampSeconds = Math.floor(clock.now().getTime() / 1000);
    const headers = signWebhook(key, { id: message.id, timestampSeconds, body: message.body });
    try {
      const response = await request(new URL(message.path, baseUrl), {
        method: "POST",
        headers: { ...headers, "content-type": "application/json" },
        body: message.body,
        dispatcher: agent,
      });
      await response.body.dump();
      if (response.statusCode < 300) return "delivered";
      log.debug({ path: message.path, status: response.statusCode }, "webhook not accepted");
      return REFUSALS.has(response.statusCode) ? "refused" : "failed";
    } catch (error) {
      log.debug({ path: message.path }, `webhook not delivered: ${messageOf(error)}`);
      return "failed";
    }
  };
  return {
    signed: (message) => send(secret, message),
    forged: (message) => send(FORGED_SECRET, { ...message, id: `${message.id}-forged` }),
    setUrl: (url) => {
      baseUrl = url;
    },
    close: () => agent.destroy(),
  };
}
