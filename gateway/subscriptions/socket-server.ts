import type { Server } from "node:http";
import { GraphQLError, type ExecutionArgs, type ExecutionResult } from "graphql";
import { CloseCode } from "graphql-ws";
import { useServer, type Extra } from "graphql-ws/use/ws";
import type { Gauge } from "prom-client";
import { WebSocketServer } from "ws";
import { correlationIdFrom } from "../../lib/correlation.ts";
import { isCodedError } from "../../lib/errors.ts";
import type { Caller } from "../../lib/graphql-endpoint.ts";
import type { Identity } from "../../lib/identity.ts";
import type { Log } from "../../lib/log.ts";
import { mapStream } from "../../lib/streams.ts";
import { toClientGraphQLError } from "../errors.ts";
import type { Operation } from "../execution/engine.ts";
import type { Generations } from "../generations.ts";
import type { Identify } from "../identify.ts";
import { prepareOperation } from "../prepare-operation.ts";
import { subscribe } from "./subscribe.ts";

export interface SocketServerOptions {
  generations: Generations;
  identify: Identify;
  log: Log;
  /** Operations that are running on sockets. */
  active: Gauge;
}

export interface SocketServer {
  close(): Promise<void>;
}

/** What we keep on a socket beside the library's own. */
type Session = { identity?: Identity; expiry?: NodeJS.Timeout };
type SocketExtra = Extra & Session;

/** Carries an operation from its subscribe message to its execution. */
interface Prepared {
  operation: Operation;
  caller: Caller;
}

const MESSAGE_LIMIT_BYTES = 65_536;
const INIT_TIMEOUT_MS = 3_000;
/** Longest delay that a timer can hold; tokens that live longer are looked at again then. */
const TIMER_MAX_MS = 2_147_483_647;

/** Serves graphql-transport-ws on `/graphql` of an HTTP server. */
export function serveSockets(http: Server, options: SocketServerOptions): SocketServer {
  const { generations, active, log } = options;
  const sockets = new WebSocketServer({
    server: http,
    path: "/graphql",
    maxPayload: MESSAGE_LIMIT_BYTES,
    perMessageDeflate: false,
  });
  const server = useServer<Record<string, unknown>, Session>(
    {
      schema: () => generations.current().supergraph.apiSchema,
      connectionInitWaitTimeout: INIT_TIMEOUT_MS,
      onConnect: async ({ connectionParams, extra }) => {
        const identity = await signIn(options, connectionParams?.["authorization"]);
        if (!identity) return false;
        extra.identity = identity;
        closeAtExpiry(extra, identity);
        return true;
      },
      onSubscribe: ({ extra }, _id, payload) => prepare(options, extra, payload),
      execute: async (args: ExecutionArgs) => {
        const { operation, caller } = args.contextValue as Prepared;
        return forClient(await generations.current().engine.execute(operation, caller), caller, log);
      },
      subscribe: async (args: ExecutionArgs) => {
        const { operation, caller } = args.contextValue as Prepared;
        return counted(subscribe(generations.current(), operation, caller), { caller, log, active });
      },
      onDisconnect: ({ extra }) => clearTimeout(extra.expiry),
    },
    sockets,
  );
  return {
    close: async () => {
      await server.dispose();
    },
  };
}

/** The identity of a connection; undefined closes it with 4403. */
async function signIn(
  { identify, log }: SocketServerOptions,
  authorization: unknown,
): Promise<Identity | undefined> {
  try {
    return await identify(authorization);
  } catch (error) {
    if (!isCodedError(error)) throw error;
    log.info({ problem: error.message }, "refused a socket");
    return undefined;
  }
}

function closeAtExpiry(extra: SocketExtra, { expiresAtSeconds }: Identity): void {
  if (expiresAtSeconds === undefined) return;
  const remainingMs = expiresAtSeconds * 1000 - Date.now();
  const later = () =>
    remainingMs > TIMER_MAX_MS
      ? closeAtExpiry(extra, { ...extra.identity, expiresAtSeconds } as Identity)
      : end();
  const end = () => extra.socket.close(CloseCode.Forbidden, "The token has expired");
  extra.expiry = setTimeout(later, Math.max(0, Math.min(remainingMs, TIMER_MAX_MS)));
}

type SubscribePayload = Parameters<typeof prepareOperation>[0] & {
  extensions?: Record<string, unknown> | null | undefined;
};

function prepare(
  { generations, log }: SocketServerOptions,
  extra: SocketExtra,
  payload: SubscribePayload,
): ExecutionArgs | GraphQLError[] {
  const { supergraph } = generations.current();
  const correlationId = correlationIdFrom(payload.extensions?.["correlationId"]);
  const identity = extra.identity;
  const operation = identity
    ? prepareOperation(payload, identity, supergraph)
    : [new GraphQLError("Not signed in")];
  if (Array.isArray(operation) || !identity) {
    return (Array.isArray(operation) ? operation : []).map((error) =>
      toClientGraphQLError(error, { correlationId, log }),
    );
  }
  const contextValue: Prepared = { operation, caller: { identity, correlationId } };
  return {
    schema: supergraph.apiSchema,
    document: operation.document,
    operationName: operation.definition.name?.value ?? null,
    variableValues: operation.variables,
    contextValue,
  };
}

function counted(
  results: AsyncIterableIterator<ExecutionResult>,
  { caller, log, active }: { caller: Caller; log: Log; active: Gauge },
): AsyncIterableIterator<ExecutionResult> {
  active.inc();
  return mapStream(
    results,
    (result) => forClient(result, caller, log),
    () => active.dec(),
  );
}

function forClient(result: ExecutionResult, { correlationId }: Caller, log: Log): ExecutionResult {
  if (!result.errors) return result;
  return {
    ...result,
    errors: result.errors.map((error) => toClientGraphQLError(error, { correlationId, log })),
  };
}
