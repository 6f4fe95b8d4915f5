import type { FastifyInstance } from "fastify";
import type { Kysely } from "kysely";
import { z } from "zod";
import type { CatalogDatabase } from "../../../../db/tables/catalog.ts";
import type { Clock } from "../../../../lib/clock.ts";
import { badInput } from "../../../../lib/errors.ts";
import { ID_MAX } from "./partner/reader.ts";
import { signedMessageIn, takeRawBodies } from "../../../kit/webhook-requests.ts";

export interface PlmWebhookOptions {
  /** Active secrets, `whsec_…`: more than one while they rotate; none refuses every webhook. */
  secrets: readonly string[];
  db: Kysely<CatalogDatabase>;
  clock: Clock;
  /** The PLM's ids, or ours, of the models that changed; undefined for all. */
  onInvalidate(modelIds: readonly string[] | undefined): Promise<unknown>;
}

const BODY_LIMIT_BYTES = 65_536;

const bodySchema = z
  .object({
    model_ids: z.array(z.string().min(1).max(ID_MAX)).max(1000).optional(),
    all: z.boolean().optional(),
  })
  .refine(({ model_ids, all }) => all === true || model_ids !== undefined);

/** What the PLM tells us: `POST /webhooks/plm/invalidate`, signed; the same message twice is heard once. */
export function servePlmWebhooks(app: FastifyInstance, options: PlmWebhookOptions): void {
  const { db, clock } = options;
  const isKnown = async (webhookId: string): Promise<boolean> => {
    const known = db
      .selectFrom("catalog.plm_webhooks")
      .select("webhook_id")
      .where("webhook_id", "=", webhookId);
    return (await known.executeTakeFirst()) !== undefined;
  };
  // Afterwards, so that a failure is answered with an error and the PLM comes again; to expire twice does no harm.
  const remember = async (webhookId: string): Promise<void> => {
    await db
      .insertInto("catalog.plm_webhooks")
      .values({ webhook_id: webhookId, received_at: clock.now() })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  };
  void app.register(async (scope) => {
    takeRawBodies(scope, BODY_LIMIT_BYTES);
    scope.post("/webhooks/plm/invalidate", async (request, reply) => {
      const { messageId: webhookId, text } = signedMessageIn(request, options);
      const message = parse(text);
      if (!(await isKnown(webhookId))) {
        await options.onInvalidate(message.all ? undefined : message.model_ids);
        await remember(webhookId);
      }
      return reply.code(202).send({ status: "accepted" });
    });
  });
}

function parse(body: string): z.infer<typeof bodySchema> {
  try {
    return bodySchema.parse(JSON.parse(body));
  } catch {
    throw badInput("body", body.slice(0, 80), '{"model_ids": [text]} or {"all": true}');
  }
}
