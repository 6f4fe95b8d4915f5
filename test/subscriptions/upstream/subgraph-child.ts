/** One subgraph in a process of its own, served by somebody else's package: `subgraph-child.ts <server> <port>`. */
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { execute, GraphQLError, parse, subscribe, type GraphQLSchema } from "graphql";
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

/** The servers by name; each loads its package alone, listens and returns its port. */
const SERVERS: Record<string, (port: number) => Promise<number>> = {
  yoga: async (port) => {
    // By a name that the compiler does not follow: its types would bring those of browsers into every file.
    const yoga = (await import(YOGA)) as Yoga;
    return listenOn(createServer(yoga.createYoga({ schema, logging: false })), port);
  },
  "graphql-sse": async (port) => {
    const { createHandler } = await import("graphql-sse/lib/use/http");
    const handler = createHandler({ schema });
    return listenOn(
      createServer((request, response) => void handler(request, response)),
      port,
    );
  },
  "graphql-ws": async (port) => {
    const { useServer } = await import("graphql-ws/use/ws");
    const { WebSocketServer } = await import("ws");
    const server = createServer();
    useServer(
      { schema, onConnect: ({ connectionParams }) => isRightToken(connectionParams) },
      new WebSocketServer({ server, path: "/live" }),
    );
    return listenOn(server, port);
  },
  "subscriptions-transport-ws": async (port) => {
    const { SubscriptionServer } = await import("subscriptions-transport-ws");
    const server = createServer();
    SubscriptionServer.create({ schema, execute, subscribe }, { server, path: "/graphql" });
    return listenOn(server, port);
  },
  mercurius: async (port) => {
    const { default: fastify } = await import("fastify");
    const { default: mercurius } = await import("mercurius");
    const app = fastify();
    await app.register(mercurius, { schema, subscription: true });
    return Number(new URL(await app.listen({ host: "127.0.0.1", port })).port);
  },
  apollo: async (port) => {
    const { default: fastify } = await import("fastify");
    const { ApolloServer } = await import("@apollo/server");
    const callback = await import("@apollo/server/plugin/subscriptionCallback");
    const { default: fastifyApollo, fastifyApolloDrainPlugin } = await import("@as-integrations/fastify");
    const app = fastify();
    const plugins = [callback.ApolloServerPluginSubscriptionCallback(), fastifyApolloDrainPlugin(app)];
    const apollo = new ApolloServer({ schema, plugins });
    await apollo.start();
    await app.register(fastifyApollo(apollo));
    return Number(new URL(await app.listen({ host: "127.0.0.1", port })).port);
  },
  gateway: async (port) => (await import("./gateway-as-subgraph.ts")).serveGatewayAsSubgraph(schema, port),
};

const [name = "", port = "0"] = process.argv.slice(2);
const serve = SERVERS[name];
if (!serve) throw new Error(`There is no server ${name}`);
process.send?.({ port: await serve(Number(port)) });
