import { createServer } from "node:http";
import { ApolloServer } from "@apollo/server";
import { expressMiddleware } from "@as-integrations/express5";
import { makeExecutableSchema } from "@graphql-tools/schema";
import express from "express";
import { useServer } from "graphql-ws/use/ws";
import { WebSocketServer } from "ws";
import { ready, resolvers, typeDefs } from "./schema.mjs";

const schema = makeExecutableSchema({ typeDefs, resolvers });
const app = express();
const server = createServer(app);
useServer({ schema }, new WebSocketServer({ server, path: "/graphql" }));
const apollo = new ApolloServer({ schema });
await apollo.start();
app.use("/graphql", express.json(), expressMiddleware(apollo));
server.listen(0, "127.0.0.1", () => ready(server));
