import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createGatewayRuntime, getGraphQLWSOptions } from "@graphql-hive/gateway-runtime";
import { useServer } from "graphql-ws/use/ws";
import { WebSocketServer } from "ws";
import { ready } from "./schema.mjs";

const gateway = createGatewayRuntime({
  supergraph: readFileSync(process.env.SUPERGRAPH_FILE, "utf8"),
  logging: false,
  deferStream: true,
  transportEntries: { "*.http": { options: { subscriptions: { kind: "ws", location: "/graphql" } } } },
});
await gateway.getSchema();
const server = createServer((request, response) => void gateway(request, response));
const sockets = new WebSocketServer({ server, path: "/graphql" });
useServer(
  getGraphQLWSOptions(gateway, (context) => ({ ...context })),
  sockets,
);
server.listen(0, "127.0.0.1", () => ready(server));
