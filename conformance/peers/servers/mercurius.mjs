import Fastify from "fastify";
import mercurius from "mercurius";
import { ready, resolvers, typeDefs } from "./schema.mjs";

const app = Fastify();
const { Item, ...rest } = resolvers;
await app.register(mercurius, {
  schema: typeDefs,
  resolvers: { ...rest, Item: { slow: Item.slow } },
  subscription: { fullWsTransport: true },
});
await app.listen({ port: 0, host: "127.0.0.1" });
ready(app.server);
