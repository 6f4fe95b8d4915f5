import type { FormattedExecutionResult, GraphQLFormattedError } from "graphql";
import { createClient, type SubscribePayload } from "graphql-ws";
import { resume } from "./resume.ts";

/** Where the gateway is, and how to come in. */
export interface LiveClientOptions {
  /** Address of the gateway, like `wss://host/graphql`; a function is asked for every connection, and may name another gateway. */
  url: string | (() => string);
  /** A token that is good now; called for every connection and before the one in use ends. */
  token?: () => Promise<string | undefined> | string | undefined;
  /** A WebSocket class, where the platform has none. */
  webSocketImpl?: unknown;
  /** Told of every cut, with its close code; the client comes back by itself. */
  onCut?: (code: number | undefined) => void;
}

/** What a subscription delivers. */
interface LiveSink<T> {
  /** One event; `gap` says that others before it are lost and that this is the state as it is now. */
  next(result: FormattedExecutionResult<T>, details: { gap: boolean }): void;
  /** The operation was refused, and is over. */
  error(errors: readonly GraphQLFormattedError[]): void;
  complete(): void;
}

/** Subscriptions that outlive cuts of the line. */
export interface LiveClient {
  /** Subscribes until the returned function is called, over cuts, restarts and expired tokens. */
  subscribe<T>(operation: Pick<SubscribePayload, "query" | "variables">, sink: LiveSink<T>): () => void;
  close(): Promise<void>;
}

const MAX_DELAY_MS = 10_000;

/**
 * A graphql-ws client that resumes: it says after every cut which event it saw last, and hands in a new token
 * before the old one ends.
 *
 * @example
 * const live = createLiveClient({ url: "ws://127.0.0.1:4000/graphql", token: () => session.token() });
 * const stop = live.subscribe({ query: 'subscription { budgetRunway(projectId: "1") { status } }' }, sink);
 */
export function createLiveClient(options: LiveClientOptions): LiveClient {
  const authorization = async () => {
    const token = await options.token?.();
    return token === undefined ? {} : { authorization: `Bearer ${token}` };
  };
  let socket: { send(text: string): void } | undefined;
  const renew = async () => {
    const payload = await authorization();
    if ("authorization" in payload) socket?.send(JSON.stringify({ type: "ping", payload }));
  };
  const client = createClient({
    url: options.url,
    webSocketImpl: options.webSocketImpl,
    connectionParams: authorization,
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => true,
    retryWait: (attempt) => delay(Math.min(100 * 2 ** attempt, MAX_DELAY_MS) * (0.5 + Math.random() / 2)),
    on: {
      opened: (opened) => {
        socket = opened as typeof socket;
      },
      closed: (event) => options.onCut?.((event as { code?: number }).code),
      ping: (isReceived, payload) => {
        // Without a new token the connection ends with the old one, and the next begins with another try.
        if (isReceived && payload?.["type"] === "token_expiring") renew().catch(() => {});
      },
    },
  });
  return {
    subscribe: <T>(operation: Pick<SubscribePayload, "query" | "variables">, sink: LiveSink<T>) =>
      resume<T>(client, operation, {
        next: (result) => sink.next(result, { gap: result.extensions?.["gap"] === true }),
        error: (error) => sink.error(asErrors(error)),
        complete: () => sink.complete(),
      }),
    close: async () => {
      await client.dispose();
    },
  };
}

const asErrors = (error: unknown): readonly GraphQLFormattedError[] =>
  Array.isArray(error) ? (error as GraphQLFormattedError[]) : [{ message: failureOf(error) }];

/** What graphql-ws gives up with: an error, or the close event that it takes for final. */
function failureOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  const { code, reason } = (error ?? {}) as { code?: unknown; reason?: unknown };
  const isClose = typeof code === "number" && typeof reason === "string";
  return isClose ? `The connection was closed with ${code}: ${reason}` : "The connection failed";
}

const delay = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
