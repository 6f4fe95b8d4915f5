import { ApolloClient, gql, HttpLink, InMemoryCache, type ApolloLink } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { Client as UrqlClient, fetchExchange, subscriptionExchange, type Exchange } from "@urql/core";
import { createClient as createSseClient } from "graphql-sse";
import { createClient as createSocketClient } from "graphql-ws";
import { describe, expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { waitFor } from "../../lib/wait.ts";
import { startTickerGateway, type TickerGateway } from "./support/start.ts";

const QUERY = `subscription Ticks($topic: ID!) { tick(topic: $topic) { number place { name } } }`;
const variables = { topic: "s" };

type Push = (data: unknown) => void;

/** Subscribes with a client as its users do, without changing it; returns how to stop. */
const CLIENTS: Record<string, (gateway: TickerGateway, push: Push) => () => void> = {
  "graphql-ws": ({ socketUrl }, push) => {
    const client = createSocketClient({ url: socketUrl, webSocketImpl: WebSocket });
    onTestFinished(() => void client.dispose());
    return client.subscribe(
      { query: QUERY, variables },
      { next: ({ data }) => push(data), error: push, complete: () => {} },
    );
  },
  "graphql-sse": ({ url }, push) => {
    const client = createSseClient({ url: `${url}/graphql` });
    return client.subscribe(
      { query: QUERY, variables },
      { next: ({ data }) => push(data), error: push, complete: () => {} },
    );
  },
  "urql over WebSocket": (gateway, push) => {
    const sockets = createSocketClient({ url: gateway.socketUrl, webSocketImpl: WebSocket });
    onTestFinished(() => void sockets.dispose());
    const forward = subscriptionExchange({
      forwardSubscription: (request) => ({
        subscribe: (sink) => ({
          unsubscribe: sockets.subscribe({ ...request, query: request.query ?? "" }, sink as never),
        }),
      }),
    });
    return withUrql(gateway, { exchanges: [forward] }, push);
  },
  "urql over HTTP": (gateway, push) =>
    withUrql(gateway, { exchanges: [fetchExchange], fetchSubscriptions: true }, push),
  "Apollo Client over WebSocket": ({ socketUrl }, push) => {
    const sockets = createSocketClient({ url: socketUrl, webSocketImpl: WebSocket });
    onTestFinished(() => void sockets.dispose());
    return withApollo(new GraphQLWsLink(sockets), push);
  },
  "Apollo Client over multipart HTTP": ({ url }, push) =>
    withApollo(new HttpLink({ uri: `${url}/graphql` }), push),
};

function withUrql(
  { url }: TickerGateway,
  options: { exchanges: Exchange[]; fetchSubscriptions?: boolean },
  push: Push,
): () => void {
  const client = new UrqlClient({ url: `${url}/graphql`, preferGetMethod: false, ...options });
  const subscription = client
    .subscription(QUERY, variables)
    .subscribe(({ data, error }) => push(data ?? error));
  return () => subscription.unsubscribe();
}

function withApollo(link: ApolloLink, push: Push): () => void {
  const client = new ApolloClient({ link, cache: new InMemoryCache() });
  const subscription = client
    .subscribe({ query: gql(QUERY), variables })
    .subscribe({ next: ({ data, error }) => push(data ?? error), error: push });
  return () => subscription.unsubscribe();
}

describe.each(Object.entries(CLIENTS))("an unmodified %s", (_name, subscribe) => {
  test("gets the state, every event after it, and leaves nothing behind", async () => {
    const gateway = await startTickerGateway();
    const got: unknown[] = [];
    const stop = subscribe(gateway, (data) => got.push(data));
    await waitFor(() => got.length === 1);
    for (let count = 0; count < 3; count++) gateway.graph.emit("s");
    await waitFor(() => got.length === 4);
    expect(got).toMatchObject(
      [0, 1, 2, 3].map((number) => ({ tick: { number, place: { name: "Place s" } } })),
    );
    stop();
    await waitFor(() => gateway.graph.openStreams === 0);
  });
});
