import type { FastifyInstance, FastifyRequest } from "fastify";
import { badInput, notFound } from "../../lib/errors.ts";
import type { ActiveFaults } from "../fault-hooks.ts";
import type { Courier } from "./courier.ts";
import { RUN_ACTIONS, type RunAction } from "./run.ts";
import type { Runs } from "./runs.ts";
import { parseSubmission } from "./submission.ts";

/** PAS's own API, and how its webhooks fared at `GET /_deliveries`. */
export function addPasRoutes(
  app: FastifyInstance,
  parts: { runs: Runs; courier: Courier; active: ActiveFaults },
): void {
  const { runs, courier, active } = parts;
  app.post("/pas/architect/submit", async (request, reply) => {
    const { runId, isReplay } = runs.submit(parseSubmission(request.body), idempotencyKeyOf(request));
    reply.header("idempotent-replay", String(isReplay));
    return active.spoiled(request, { run_id: runId });
  });
  app.get<{ Querystring: { idempotency_key?: string } }>("/pas/runs", async (request) =>
    active.spoiled(request, { runs: runs.list(request.query.idempotency_key) }),
  );
  app.get<{ Params: { runId: string } }>("/pas/runs/:runId", async (request) =>
    active.spoiled(request, runs.view(request.params.runId)),
  );
  app.post<{ Params: { runId: string; action: string } }>("/pas/runs/:runId/:action", async (request) => {
    const { runId, action } = request.params;
    if (!isRunAction(action)) throw notFound("Run action", action);
    return active.spoiled(request, runs.control(runId, action));
  });
  app.get("/_deliveries", async () => courier.counts());
}

function idempotencyKeyOf(request: FastifyRequest): string | undefined {
  const key = request.headers["idempotency-key"];
  if (key === undefined) return undefined;
  if (typeof key !== "string" || key === "" || key.length > 255) {
    throw badInput("Idempotency-Key", key, "text of 1 to 255 characters");
  }
  return key;
}

const isRunAction = (action: string): action is RunAction =>
  (RUN_ACTIONS as readonly string[]).includes(action);
