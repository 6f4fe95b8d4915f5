import { setImmediate } from "node:timers/promises";
import { timingSafeEqual } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { GraphQLError, parse, type ExecutionArgs, type ExecutionResult, type GraphQLSchema } from "graphql";
import { useServer } from "graphql-ws/use/ws";
import { WebSocketServer } from "ws";
import { z } from "zod";
import { CORRELATION_HEADER, correlationIdFrom } from "./correlation.ts";
import { DEADLINE_HEADER, deadlineFrom, withinMs } from "./deadline.ts";
import { CodedError } from "./errors.ts";
import type { GraphQLEndpoint, GraphQLRequest } from "./graphql-endpoint.ts";
import { decodeIdentity } from "./identity.ts";
import { mapStream } from "./streams.ts";
import { TRACEPARENT_HEADER, traceparentFrom } from "./trace-context.ts";

/** How the gateway proves itself and says on whose behalf it asks. */
export const GATEWAY_SECRET_HEADER = "x-gateway-secret";
/** The caller's identity as JSON in base64url, from the gateway to its subgraphs. */
export const IDENTITY_HEADER = "x-gateway-identity";

/** What is served, and to whom. */
export interface SubgraphServerOptions {
  endpoint: GraphQLEndpoint;
  schema: GraphQLSchema;
  /** Callers without it are refused. */
  gatewaySecret: string;
}

const bodySchema = z.object({
  query: z.string(),
  variables: z.record(z.string(), z.unknown()).nullish(),
  operationName: z.string().nullish(),
});

const MESSAGE_LIMIT_BYTES = 1_048_576;
/** Reading a longer body takes milliseconds: others have their turn before it is executed. */
const LONG_BODY_BYTES = 262_144;

/** Serves a subgraph to the gateway: `POST /graphql` and graphql-transport-ws on the same path. */
export function serveSubgraph(app: FastifyInstance, options: SubgraphServerOptions): void {
  app.post("/graphql", async (request) => {
    requireGateway(options.gatewaySecret, request.headers[GATEWAY_SECRET_HEADER]);
    const body = bodySchema.safeParse(request.body);
    if (!body.success)
      throw new CodedError("BAD_USER_INPUT", "The body has to be {query, variables?, operationName?}");
    const wanted = toRequest(body.data, {
      identity: request.headers[IDENTITY_HEADER],
      correlationId: request.headers[CORRELATION_HEADER],
      traceparent: request.headers[TRACEPARENT_HEADER],
    });
    if (Number(request.headers["content-length"] ?? 0) > LONG_BODY_BYTES) await setImmediate();
    return executeInTime(options.endpoint, wanted, deadlineFrom(request.headers[DEADLINE_HEADER]));
  });
  serveSocket(app, options);
}

/** The gateway says how long it waits; resolvers see the same deadline in their caller. */
function executeInTime(
  endpoint: GraphQLEndpoint,
  request: GraphQLRequest,
  limitMs: number | undefined,
): Promise<ExecutionResult> {
  if (limitMs === undefined) return endpoint.execute(request);
  const caller = { ...request.caller, deadlineAtMs: performance.now() + limitMs };
  return withinMs(endpoint.execute({ ...request, caller }), limitMs, () => ({
    errors: [
      new GraphQLError(`The answer was not ready within ${limitMs} ms`, {
        extensions: { code: "SUBGRAPH_TIMEOUT", retryable: true },
      }),
    ],
  }));
}

function serveSocket(app: FastifyInstance, { endpoint, schema, gatewaySecret }: SubgraphServerOptions): void {
  // Not handed the server: errors of listening are reported by who listens, once.
  const sockets = new WebSocketServer({ noServer: true, path: "/graphql", maxPayload: MESSAGE_LIMIT_BYTES });
  app.server.on("upgrade", (request, socket, head) =>
    sockets.handleUpgrade(request, socket, head, (opened) => sockets.emit("connection", opened, request)),
  );
  const server = useServer<Record<string, unknown>>(
    {
      schema,
      onConnect: ({ connectionParams }) =>
        isGateway(gatewaySecret, connectionParams?.[GATEWAY_SECRET_HEADER]),
      onSubscribe: (_context, _id, payload) => {
        const extensions = payload.extensions ?? {};
        try {
          const request = toRequest(payload, {
            identity: extensions["identity"],
            correlationId: extensions["correlationId"],
            traceparent: extensions["traceparent"],
          });
          return {
            schema,
            document: parse(payload.query),
            contextValue: request,
            operationName: payload.operationName,
          };
        } catch (error) {
          return [
            error instanceof GraphQLError ? error : new GraphQLError("The identity of the caller is missing"),
          ];
        }
      },
      execute: (args: ExecutionArgs) => endpoint.execute(args.contextValue as GraphQLRequest),
      subscribe: (args: ExecutionArgs) =>
        mapStream(endpoint.subscribe(args.contextValue as GraphQLRequest), withMethods),
    },
    sockets,
  );
  app.addHook("preClose", async () => {
    await server.dispose();
  });
}

/** graphql-ws asks each error for its JSON; what an endpoint tells is JSON already. */
const withMethods = (result: ExecutionResult): ExecutionResult =>
  result.errors
    ? { ...result, errors: result.errors.map((error) => Object.assign({}, error, { toJSON: () => error })) }
    : result;

interface Wire {
  query: string;
  variables?: Record<string, unknown> | null | undefined;
  operationName?: string | null | undefined;
}

/** What the gateway said of its caller, as it came. */
type SaidCaller = Readonly<Record<"identity" | "correlationId" | "traceparent", unknown>>;

function toRequest(wire: Wire, said: SaidCaller): GraphQLRequest {
  const identity = decodeIdentity(said.identity);
  if (!identity) throw new CodedError("UNAUTHENTICATED", `${IDENTITY_HEADER} is missing or malformed`);
  return {
    query: wire.query,
    variables: wire.variables ?? undefined,
    operationName: wire.operationName ?? undefined,
    caller: {
      identity,
      correlationId: correlationIdFrom(said.correlationId),
      traceparent: traceparentFrom(said.traceparent),
    },
  };
}

function requireGateway(secret: string, given: unknown): void {
  if (!isGateway(secret, given)) throw new CodedError("FORBIDDEN", "Only the gateway may ask here");
}

function isGateway(secret: string, given: unknown): boolean {
  const [a, b] = [Buffer.from(secret), Buffer.from(typeof given === "string" ? given : "")];
  return a.length === b.length && timingSafeEqual(a, b);
}
