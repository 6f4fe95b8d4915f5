import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Clock } from "../../../lib/clock.ts";
import { verifyWebhook } from "../../../lib/webhook-signature.ts";
import type { CompletionMessage, ReceiptMessage } from "../operations/ports.ts";
import { parseCompletion, parseReceipts } from "./webhook-messages.ts";

export interface WebhookOptions {
  /** Active secrets, `whsec_…`: more than one while they rotate. */
  secrets: readonly string[];
  clock: Clock;
  onReceipts(message: ReceiptMessage): Promise<unknown>;
  onCompletion(message: CompletionMessage): Promise<unknown>;
}

const BODY_LIMIT_BYTES = 262_144;

/** What the executor tells us: `POST /webhooks/pas/receipts` and `/webhooks/pas/completion`, signed. */
export function serveWebhooks(app: FastifyInstance, options: WebhookOptions): void {
  const verified = ({ headers, body }: FastifyRequest): { messageId: string; text: string } => {
    const text = typeof body === "string" ? body : "";
    const nowSeconds = options.clock.now().getTime() / 1000;
    return { messageId: verifyWebhook(options.secrets, headers, { body: text, nowSeconds }), text };
  };

  void app.register(async (scope) => {
    // The signature covers the bytes as they came, so nothing may parse them before.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      "*",
      { parseAs: "string", bodyLimit: BODY_LIMIT_BYTES },
      (_request, body, done) => done(null, body),
    );

    scope.post("/webhooks/pas/receipts", async (request, reply) => {
      const { messageId, text } = verified(request);
      await options.onReceipts({ messageId, ...parseReceipts(text) });
      return reply.code(202).send({ status: "accepted" });
    });
    scope.post("/webhooks/pas/completion", async (request, reply) => {
      const { messageId, text } = verified(request);
      await options.onCompletion({ messageId, ...parseCompletion(text) });
      return reply.code(202).send({ status: "accepted" });
    });
  });
}
