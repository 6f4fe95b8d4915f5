import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { authorize, needs } from "../../../../lib/authorization.ts";
import type { Clock } from "../../../../lib/clock.ts";
import { badInput, messageOf, notFound } from "../../../../lib/errors.ts";
import { sendProblem } from "../../../../lib/http-problems.ts";
import type { Identify } from "../../../../lib/identify.ts";
import type { Log } from "../../../../lib/log.ts";
import { connectionOf, pageRequest } from "../../../kit/pagination.ts";
import type { LegacyRetirement, LegacyUsage } from "../ports.ts";
import type { LegacyModelChange, LegacyPage, LegacyProducts } from "./products.ts";

export interface LegacyRestConfig {
  mode: "warn" | "gone";
  deprecatedAt: Date;
  sunsetAt: Date;
  /** What callers should use instead. */
  successorUrl: string;
}

export interface LegacyRestDeps {
  products: LegacyProducts;
  usage: LegacyUsage;
  retirement: Pick<LegacyRetirement, "isGone">;
  identify: Identify;
  clock: Clock;
  log: Log;
}

type ById = { Params: { id: string } };

/**
 * The product API from before the graph, on its way out: every answer says so in its headers (RFC 9745, RFC 8594),
 * every read is counted by caller, and once its time has come it is gone.
 */
export function addLegacyRoutes(app: FastifyInstance, config: LegacyRestConfig, deps: LegacyRestDeps): void {
  const { products } = deps;
  const headers = farewellHeaders(config);
  void app.register(async (api) => {
    api.addHook("onRequest", async (_request, reply) => {
      reply.headers(headers);
      const isGone = config.mode === "gone" || (await deps.retirement.isGone());
      return isGone ? sayGone(reply, config) : undefined;
    });
    api.get("/api/product-models", async (request) => {
      await countRead(deps, request, "GET /api/product-models");
      return listOf(request, (page) => products.models(page));
    });
    api.get<ById>("/api/product-models/:id/trims", async (request) => {
      await countRead(deps, request, "GET /api/product-models/:id/trims");
      return listOf(request, async (page) => {
        const trims = await products.trims(request.params.id, page);
        if (!trims) throw notFound("Model", request.params.id);
        return trims;
      });
    });
    api.patch<ById>("/api/product-models/:id", async (request) => {
      authorize(await deps.identify(request.headers.authorization), needs("plm.admin"));
      const changed = await products.changeModel(request.params.id, changeOf(request.body));
      if (!changed) throw notFound("Model", request.params.id);
      return { data: changed };
    });
  });
}

const farewellHeaders = ({ deprecatedAt, sunsetAt, successorUrl }: LegacyRestConfig) => ({
  deprecation: `@${Math.floor(deprecatedAt.getTime() / 1000)}`,
  sunset: sunsetAt.toUTCString(),
  link: `<${successorUrl}>; rel="successor-version"`,
});

const sayGone = (reply: FastifyReply, { successorUrl }: LegacyRestConfig): FastifyReply =>
  sendProblem(reply, {
    status: 410,
    code: "GONE",
    detail: `The legacy product API is retired; use the fields models and trim of ${successorUrl}`,
    successor: successorUrl,
  });

async function countRead(deps: LegacyRestDeps, request: FastifyRequest, endpoint: string): Promise<void> {
  const identity = await deps.identify(request.headers.authorization);
  authorize(identity, needs("plm.view"));
  const { tenant, subject: caller } = identity;
  await deps.usage.count({ tenant, caller, endpoint }, deps.clock.now()).catch((error: unknown) => {
    // The answer matters more to the caller than our count of it.
    deps.log.error({ why: messageOf(error), caller, endpoint }, "a legacy read could not be counted");
  });
}

const LIMIT_DEFAULT = 20;
const LIMIT_MAX = 100;

async function listOf<T extends { id: string }>(
  request: FastifyRequest,
  read: (page: LegacyPage) => Promise<T[]>,
): Promise<{ data: T[]; nextCursor: string | null; hasMore: boolean }> {
  const { limit, cursor } = request.query as { limit?: unknown; cursor?: unknown };
  const first = limit === undefined ? LIMIT_DEFAULT : Number(limit);
  if (!Number.isInteger(first) || first < 1 || first > LIMIT_MAX)
    throw badInput("limit", limit, `an integer from 1 to ${LIMIT_MAX}`);
  const page = pageRequest({ first, after: typeof cursor === "string" ? cursor : undefined });
  const items = await read({ after: page.after, limit: first + 1 });
  const { edges, pageInfo } = connectionOf(items, page, { key: ({ id }) => id, totalCount: items.length });
  const { hasNextPage, endCursor } = pageInfo;
  return {
    data: edges.map(({ node }) => node),
    nextCursor: hasNextPage ? endCursor : null,
    hasMore: hasNextPage,
  };
}

const changeSchema = z.strictObject({
  name: z.string().trim().min(1).max(200).optional(),
  description: z.string().max(10_000).nullable().optional(),
  isActive: z.boolean().optional(),
});

function changeOf(body: unknown): LegacyModelChange {
  const change = changeSchema.safeParse(body);
  if (change.success) return change.data;
  const [issue] = change.error.issues;
  throw badInput(issue?.path.join(".") || "body", body, "name, description and isActive of the model");
}
