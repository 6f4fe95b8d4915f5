/** One subgraph in a process of its own, served by somebody else's package: `subgraph-child.ts <server> <port>`. */
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { ApolloServer } from "@apollo/server";
import { ApolloServerPluginSubscriptionCallback } from "@apollo/server/plugin/subscriptionCallback";
import { buildSubgraphSchema } from "@apollo/subgraph";
import fastifyApollo, { fastifyApolloDrainPlugin } from "@as-integrations/fastify";
import fastify from "fastify";
import { execute, GraphQLError, parse, subscribe, type GraphQLSchema } from "graphql";
import { createHandler } from "graphql-sse/lib/use/http";
import { useServer } from "graphql-ws/use/ws";
import mercurius from "mercurius";
import { SubscriptionServer } from "subscriptions-transport-ws";
import { WebSocketServer } from "ws";
import { serveGatewayAsSubgraph } from "./gateway-as-subgraph.ts";
import { TICKS, TOKEN } from "./ticks.ts";

interface Yoga {
  createYoga(options: { schema: GraphQLSchema; logging: boolean }): RequestListener;
}

const YOGA: string = "graphql-yoga";

const TICK_MS = 50;

async function* ticks() {
  for (let number = 0; ; number++) {
    yield { number, place: { code: "p" } };
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
}

/** Starts, and then says nothing until the end of time. */
async function* once() {
  yield { number: 0, place: { code: "p" } };
  await new Promise(() => {});
}

const event = (source: () => AsyncIterable<unknown>) => ({
  subscribe: source,
  resolve: (value: unknown) => value,
});

const resolvers = {
  Query: { now: () => 1 },
  Subscription: {
    ticks: event(ticks),
    quiet: event(once),
    refused: event(() => {
      throw new GraphQLError("There are no ticks today", { extensions: { code: "NOT_FOUND" } });
    }),
    ended: event(async function* () {
      yield { number: 7, place: { code: "p" } };
    }),
  },
};

const schema = buildSubgraphSchema([{ typeDefs: parse(TICKS), resolvers: resolvers as never }]);

const listenOn = (server: Server, port: number) =>
  new Promise<number>((resolve) => {
    server.listen(port, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });

const isRightToken = (params: unknown) => (params as { token?: unknown } | undefined)?.token === TOKEN;

/** The servers by name; each listens and returns its port. */
const SERVERS: Record<string, (port: number) => Promise<number>> = {
  yoga: async (port) => {
    // By a name that the compiler does not follow: its types would bring those of browsers into every file.
    const yoga = (await import(YOGA)) as Yoga;
    return listenOn(createServer(yoga.createYoga({ schema, logging: false })), port);
  },
  "graphql-sse": (port) => {
    const handler = createHandler({ schema });
    return listenOn(
      createServer((request, response) => void handler(request, response)),
      port,
    );
  },
  "graphql-ws": (port) => {
    const server = createServer();
    useServer(
      { schema, onConnect: ({ connectionParams }) => isRightToken(connectionParams) },
      new WebSocketServer({ server, path: "/live" }),
    );
    return listenOn(server, port);
  },
  "subscriptions-transport-ws": (port) => {
    const server = createServer();
    SubscriptionServer.create({ schema, execute, subscribe }, { server, path: "/graphql" });
    return listenOn(server, port);
  },
  mercurius: async (port) => {
    const app = fastify();
    await app.register(mercurius, { schema, subscription: true });
    return Number(new URL(await app.listen({ host: "127.0.0.1", port })).port);
  },
  apollo: async (port) => {
    const app = fastify();
    const plugins = [ApolloServerPluginSubscriptionCallback(), fastifyApolloDrainPlugin(app)];
    const apollo = new ApolloServer({ schema, plugins });
    await apollo.start();
    await app.register(fastifyApollo(apollo));
    return Number(new URL(await app.listen({ host: "127.0.0.1", port })).port);
  },
  gateway: (port) => serveGatewayAsSubgraph(schema, port),
};

const [name = "", port = "0"] = process.argv.slice(2);
const serve = SERVERS[name];
if (!serve) throw new Error(`There is no server ${name}`);
process.send?.({ port: await serve(Number(port)) });
