import { print, type FormattedExecutionResult } from "graphql";
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { createClient } from "graphql-ws";
import { WebSocket } from "ws";

/** What came back, with its HTTP status; `data` is undefined for a request that was refused as a whole. */
export interface Answer<T> {
  status: number;
  data: T;
  errors: FormattedExecutionResult["errors"];
  extensions: FormattedExecutionResult["extensions"];
}

/** The longest wait for an answer: every promise of a deadline is far below it. */
const ANSWER_LIMIT_MS = 60_000;

/** A client of one gateway, with or without a token. */
export function clientOf(gatewayUrl: string, token?: string) {
  const headers = {
    "content-type": "application/json",
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  };
  const sockets = createClient({
    url: `${gatewayUrl.replace("http", "ws")}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: token === undefined ? {} : { authorization: `Bearer ${token}` },
  });
  const post = async <T>(query: string, variables: unknown): Promise<Answer<T>> => {
    const response = await fetch(`${gatewayUrl}/graphql`, {
      method: "POST",
      headers,
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
    });
    const { data, errors, extensions } = (await response.json()) as FormattedExecutionResult;
    return { status: response.status, data: data as T, errors, extensions };
  };
  return {
    ask: <T, V>(document: TypedDocumentNode<T, V>, variables: V): Promise<Answer<T>> =>
      post<T>(print(document), variables),
    query: <T = Record<string, unknown>>(query: string, variables: Record<string, unknown> = {}) =>
      post<T>(query, variables),
    /** Collects the events of a subscription until `stop`. */
    watch: <T, V extends Record<string, unknown>>(document: TypedDocumentNode<T, V>, variables: V) => {
      const events: T[] = [];
      const problems: unknown[] = [];
      const stop = sockets.subscribe(
        { query: print(document), variables },
        {
          next: ({ data, errors }) => {
            if (errors) problems.push(...errors);
            if (data) events.push(data as T);
          },
          error: (error) => problems.push(error),
          complete: () => {},
        },
      );
      return { events, problems, stop };
    },
    close: () => sockets.dispose(),
  };
}

/** Sends operations to one gateway; see `clientOf`. */
export type GatewayClient = ReturnType<typeof clientOf>;

/** Sets the faults of a mock; none heals it. */
export async function setFaults(mockUrl: string, ...rules: object[]): Promise<void> {
  const response = await fetch(`${mockUrl}/_faults`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ rules }),
  });
  if (!response.ok) throw new Error(await response.text());
}
