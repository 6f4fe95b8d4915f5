import type { FastifyInstance } from "fastify";
import { badInput } from "../../lib/errors.ts";
import type { ActiveFaults } from "../fault-hooks.ts";
import type { CatalogueStore } from "./catalogue-store.ts";
import { createAnswer, SCHEMA_VERSION_HEADER, schemaVersionOf } from "./envelope.ts";
import { requireToken } from "./token-routes.ts";
import type { Tokens } from "./tokens.ts";
import type { Usage } from "./usage.ts";

interface PlmRouteParts {
  /** What the PLM tells at the moment. */
  store: () => CatalogueStore;
  /** Serves these records beside the models, as they are; replaces those of before. */
  serveStrays: (strays: readonly object[]) => void;
  usage: Usage;
  tokens: Tokens;
  active: ActiveFaults;
}

type ById = { Params: { id: string } };
type FeatureQuery = { Querystring: { modelId?: string; trimId?: string } };

/** The PLM's own API below `/plm`, what it counted at `GET /_usage`, and its bad records at `PUT /_strays`. */
export function addPlmRoutes(app: FastifyInstance, parts: PlmRouteParts): void {
  const { store, serveStrays, usage, tokens, active } = parts;
  const answer = createAnswer(active);
  app.addHook("onSend", async (request, reply) => {
    if (request.url.startsWith("/plm/"))
      reply.header(SCHEMA_VERSION_HEADER, schemaVersionOf(active, request));
  });
  app.get("/_usage", async () => usage.counts());
  app.put("/_strays", async ({ body }) => {
    if (!Array.isArray(body) || body.some((stray) => typeof stray !== "object" || stray === null))
      throw badInput("body", body, "a list of objects, served beside the models as they are");
    serveStrays(body as object[]);
    return { strays: body.length };
  });
  app.register(async (plm) => {
    requireToken(plm, tokens);
    plm.get("/plm/catalog", async (request, reply) => answer(request, reply, store().catalogue()));
    plm.get<ById>("/plm/models/:id/config", async (request, reply) =>
      answer(request, reply, store().config(request.params.id)),
    );
    plm.get<ById>("/plm/trims/:id", async (request, reply) =>
      answer(request, reply, store().trim(request.params.id)),
    );
    plm.get<FeatureQuery>("/plm/features", async (request, reply) => {
      const { modelId, trimId } = request.query;
      if (typeof modelId !== "string" || modelId === "")
        throw badInput("modelId", modelId ?? null, "the id of a model");
      return answer(request, reply, store().features(modelId, trimId === "" ? undefined : trimId));
    });
    plm.post("/plm/usage-metrics", async (request, reply) => {
      const result = usage.record(request.headers["idempotency-key"], request.body);
      return answer(request, reply.code(202), result);
    });
  });
}
