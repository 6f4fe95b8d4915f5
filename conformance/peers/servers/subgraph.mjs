import { createServer } from "node:http";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { parse } from "graphql";
import { useServer } from "graphql-ws/use/ws";
import { createYoga } from "graphql-yoga";
import { WebSocketServer } from "ws";
import { federated, ready, resolvers } from "./schema.mjs";

/** What gateways stand in front of. */
const schema = buildSubgraphSchema([{ typeDefs: parse(federated), resolvers }]);
const yoga = createYoga({ schema, logging: false, maskedErrors: false });
const server = createServer((request, response) => void yoga(request, response));
useServer({ schema }, new WebSocketServer({ server, path: "/graphql" }));
server.listen(0, "127.0.0.1", () => ready(server));
