import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Clock } from "../../lib/clock.ts";
import { verifyWebhook } from "../../lib/webhook-signature.ts";

/** A message whose signature is good. */
export interface ReceivedWebhook {
  messageId: string;
  /** The body as it came. */
  text: string;
}

/**
 * Lets a scope take bodies as they come, whatever they say that they are: the signature covers the bytes, so nothing may
 * parse them before.
 */
export function takeRawBodies(scope: FastifyInstance, limitBytes: number): void {
  scope.removeAllContentTypeParsers();
  // On the routes, so that the refusal of a larger body names this limit and not the server's.
  scope.addHook("onRoute", (route) => void (route.bodyLimit = limitBytes));
  scope.addContentTypeParser("*", { parseAs: "string" }, (_request, body, done) => done(null, body));
}

/** @throws CodedError UNAUTHENTICATED unless one of the secrets signed the request just now */
export function signedMessageIn(
  { headers, body }: FastifyRequest,
  { secrets, clock }: { secrets: readonly string[]; clock: Clock },
): ReceivedWebhook {
  const text = typeof body === "string" ? body : "";
  const nowSeconds = clock.now().getTime() / 1000;
  return { messageId: verifyWebhook(secrets, headers, { body: text, nowSeconds }), text };
}
