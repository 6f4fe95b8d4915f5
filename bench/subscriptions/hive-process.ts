import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { useServer } from "graphql-ws/use/ws";
import { WebSocketServer } from "ws";
import { anonymous, encodeIdentity } from "../../lib/identity.ts";
import { GATEWAY_SECRET_HEADER, IDENTITY_HEADER } from "../../lib/subgraph-server.ts";
import { answerMeasurements } from "./measure.ts";

/** Hive Gateway over the same subgraphs, set up as its documentation has it for Node and graphql-ws. */
interface Hive {
  createGatewayRuntime(options: object): { getSchema(): Promise<unknown> };
  getGraphQLWSOptions(runtime: unknown, onContext: (context: object) => object): object;
}

/** Peers live in bench/node_modules, which is not there for those who only type-check. */
const peer = async (name: string) => (await import(name)) as Hive;
const hive = await peer("@graphql-hive/gateway-runtime");
const secret = process.env["GATEWAY_SUBGRAPH_SECRET"] ?? "";
const identity = encodeIdentity(anonymous([]));

interface SubgraphCall {
  executionRequest: { extensions?: object };
  setExecutionRequest: (request: object) => void;
}

const runtime = hive.createGatewayRuntime({
  supergraph: readFileSync(process.env["SUPERGRAPH_FILE"] ?? "", "utf8"),
  logging: false,
  transportEntries: {
    "*.http": {
      headers: [
        [GATEWAY_SECRET_HEADER, secret],
        [IDENTITY_HEADER, identity],
        // On whose behalf: as every gateway has to tell whose subgraphs look at tokens.
        ["authorization", "{context.connectionParams.authorization}"],
      ],
      options: {
        subscriptions: {
          kind: "ws",
          location: "/graphql",
          options: { connectionParams: { [GATEWAY_SECRET_HEADER]: secret } },
        },
      },
    },
  },
  // Our subgraphs want to know on whose behalf a stream is opened, in its payload.
  plugins: () => [
    {
      onSubgraphExecute: ({ executionRequest, setExecutionRequest }: SubgraphCall) =>
        setExecutionRequest({
          ...executionRequest,
          extensions: { ...executionRequest.extensions, identity },
        }),
    },
  ],
});

// It loads its supergraph with the first request over HTTP, and sockets fail before that.
await runtime.getSchema();
const http = createServer(runtime as never);
const sockets = new WebSocketServer({ server: http, path: "/graphql", perMessageDeflate: false });
useServer(
  hive.getGraphQLWSOptions(runtime, (context) => ({ ...context })),
  sockets,
);
http.listen(0, "127.0.0.1", () => {
  answerMeasurements();
  process.send?.({ ready: `ws://127.0.0.1:${(http.address() as AddressInfo).port}/graphql` });
});
