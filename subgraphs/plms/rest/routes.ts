import type { FastifyInstance, FastifyReply } from "fastify";
import { authorize, needs } from "../../../lib/authorization.ts";
import { createCrossOrigin } from "../../../lib/cross-origin.ts";
import { CORRELATION_HEADER } from "../../../lib/correlation.ts";
import type { Caller } from "../../../lib/graphql-endpoint.ts";
import type { ReplayPassport } from "../domain/passport.ts";
import type { Run } from "../domain/run.ts";
import type { Runway } from "../domain/runway.ts";
import { passportAnswer, runwayAnswer, startAnswer } from "./answers.ts";
import type { CallerWith, ProjectRoute } from "./caller-with.ts";
import { inRestWords } from "./errors.ts";
import type { Identify } from "../../../lib/identify.ts";
import { serveInsights, type InsightOperations } from "./insight-routes.ts";
import { idempotencyKeyIn, parseStart, type StartRequest } from "./requests.ts";
import { sendEvents } from "./stream.ts";

/** The use cases behind the façade; each answers for the caller's tenant alone. */
export interface RestOperations extends InsightOperations {
  start(
    caller: Caller,
    call: StartRequest & { projectId: string; idempotencyKey: string },
  ): Promise<{ run: Run; replayed: boolean }>;
  runway(caller: Caller, projectId: string): Promise<Runway>;
  watchRunway(caller: Caller, projectId: string): Promise<AsyncIterableIterator<Runway>>;
  passport(
    caller: Caller,
    of: { projectId: string; executorRunId: string },
  ): Promise<{ passport: ReplayPassport; run: Run }>;
}

/** A caller who lacks the scope of what they ask. */
interface RefusedCall {
  caller: Caller;
  scope: string;
  projectId: string;
}

export interface RestOptions {
  identify: Identify;
  /** Pages of other origins that may ask. */
  allowedOrigins: readonly string[];
  /** Told of every refusal before its caller is. */
  onRefused: (call: RefusedCall, error: unknown) => Promise<void>;
  operations: RestOperations;
  /** The OpenAPI document of all this, as JSON text. */
  openApi: string;
}

/** Many clients say application/json of a body that they do not send: that is no body. */
function takeEmptyBodies(scope: FastifyInstance): void {
  const parseJson = scope.getDefaultJsonParser("error", "error");
  scope.addContentTypeParser("application/json", { parseAs: "string" }, (request, body, done) => {
    if (body.length === 0) done(null, undefined);
    else void parseJson(request, String(body), done);
  });
}

const PROJECT = "/api/projects/:id";
/** What pages may read of an answer beside its body. */
const EXPOSED = "x-correlation-id, retry-after, idempotent-replay, www-authenticate";

/**
 * Lets pages of the listed origins read answers, and answers their preflights. Others are not refused: a browser keeps
 * from them what they may not read, and whoever else asks needs a token.
 */
function shareWithOrigins(scope: FastifyInstance, allowed: readonly string[]): void {
  const crossOrigin = createCrossOrigin(allowed, EXPOSED);
  scope.addHook("onRequest", async ({ raw }, reply) => {
    reply.headers(inPairs(crossOrigin.headersFor(raw)));
  });
  scope.options(`${PROJECT}/*`, async ({ raw }, reply) => {
    const refusal = crossOrigin.refusal(raw);
    if (refusal) throw refusal;
    return reply
      .code(204)
      .headers(inPairs(crossOrigin.preflightFor(raw)))
      .send();
  });
}

const inPairs = (flat: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1] ?? ""] as const] : [])),
  );

/** The seed's REST façade on the use cases that GraphQL has, too. */
export function serveRest(app: FastifyInstance, options: RestOptions): void {
  const { identify, allowedOrigins, onRefused, operations, openApi } = options;
  const callerWith: CallerWith = async (request, scope) => {
    const identity = await identify(request.headers.authorization);
    const caller: Caller = { identity, correlationId: request.id };
    try {
      authorize(identity, needs(scope));
    } catch (error) {
      await onRefused({ caller, scope, projectId: request.params.id }, error);
      throw error;
    }
    return caller;
  };
  void app.register(async (scope) => {
    scope.setErrorHandler((error, _request, reply) => {
      const told = inRestWords(error);
      if (told !== error) reply.header("www-authenticate", "Bearer");
      throw told;
    });
    takeEmptyBodies(scope);
    shareWithOrigins(scope, allowedOrigins);
    scope.get("/openapi.json", (_request, reply) => reply.type("application/json").send(openApi));
    serveInsights(scope, { operations, callerWith, path: PROJECT });
    scope.post<ProjectRoute>(`${PROJECT}/start`, async (request, reply) => {
      const caller = await callerWith(request, "projects.start");
      const idempotencyKey = idempotencyKeyIn(request.headers["idempotency-key"]);
      const call = { projectId: request.params.id, idempotencyKey, ...parseStart(request.body) };
      const { run, replayed } = await operations.start(caller, call);
      return reply.header("idempotent-replay", String(replayed)).send(startAnswer(run));
    });
    scope.get<ProjectRoute>(`${PROJECT}/budget-runway`, async (request) => {
      const caller = await callerWith(request, "projects.view");
      return runwayAnswer(await operations.runway(caller, request.params.id));
    });
    scope.get<ProjectRoute>(`${PROJECT}/budget-runway/stream`, async (request, reply) => {
      const caller = await callerWith(request, "projects.view");
      await streamRunway(reply, caller, await operations.watchRunway(caller, request.params.id));
    });
    scope.get<ProjectRoute & { Params: { runId: string } }>(
      `${PROJECT}/runs/:runId/replay-passport`,
      async (request) => {
        const caller = await callerWith(request, "projects.view");
        const { id: projectId, runId: executorRunId } = request.params;
        const { passport, run } = await operations.passport(caller, { projectId, executorRunId });
        return passportAnswer(passport, run);
      },
    );
  });
}

const streamRunway = (
  reply: FastifyReply,
  { identity, correlationId }: Caller,
  values: AsyncIterableIterator<Runway>,
): Promise<void> => {
  reply.header(CORRELATION_HEADER, correlationId);
  return sendEvents(reply, {
    values,
    idOf: ({ version }) => version,
    present: runwayAnswer,
    lastEventId: reply.request.headers["last-event-id"],
    expiresAtSeconds: identity.expiresAtSeconds,
  });
};
