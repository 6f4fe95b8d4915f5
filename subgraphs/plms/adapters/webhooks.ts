import type { FastifyInstance } from "fastify";
import type { Clock } from "../../../lib/clock.ts";
import { signedMessageIn, takeRawBodies } from "../../kit/webhook-requests.ts";
import type { CompletionMessage, ReceiptMessage } from "../operations/ports.ts";
import { parseCompletion, parseReceipts } from "./webhook-messages.ts";

export interface WebhookOptions {
  /** Active secrets, `whsec_…`: more than one while they rotate. */
  secrets: readonly string[];
  clock: Clock;
  onReceipts(message: ReceiptMessage): Promise<unknown>;
  onCompletion(message: CompletionMessage): Promise<unknown>;
}

/** A thousand receipts, with the longest names that ASCII writes, and their usage. */
const BODY_LIMIT_BYTES = 2_097_152;

/** What the executor tells us: `POST /webhooks/pas/receipts` and `/webhooks/pas/completion`, signed. */
export function serveWebhooks(app: FastifyInstance, options: WebhookOptions): void {
  const nowMs = () => options.clock.now().getTime();
  void app.register(async (scope) => {
    takeRawBodies(scope, BODY_LIMIT_BYTES);
    scope.post("/webhooks/pas/receipts", async (request, reply) => {
      const { messageId, text } = signedMessageIn(request, options);
      await options.onReceipts({ messageId, ...parseReceipts(text, nowMs()) });
      return reply.code(202).send({ status: "accepted" });
    });
    scope.post("/webhooks/pas/completion", async (request, reply) => {
      const { messageId, text } = signedMessageIn(request, options);
      await options.onCompletion({ messageId, ...parseCompletion(text, nowMs()) });
      return reply.code(202).send({ status: "accepted" });
    });
  });
}
