import { NO_DOCUMENTS } from "../../gateway/support/start-gateway.ts";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { GraphQLSchema } from "graphql";
import { readGatewayConfig } from "../../../gateway/config.ts";
import { createGateway } from "../../../gateway/server.ts";
import { createGraphQLEndpoint } from "../../../lib/graphql-endpoint.ts";
import { createLog } from "../../../lib/log.ts";
import { TICKS } from "./ticks.ts";
import { composed } from "../../support/composed.ts";

/** A gateway of ours in the place of a subgraph: the multipart protocol, as Apollo Client has it from us. */
export async function serveGatewayAsSubgraph(schema: GraphQLSchema, port: number): Promise<number> {
  const log = createLog({ name: "gateway-as-subgraph", level: "silent" });
  const supergraphFile = join(mkdtempSync(join(tmpdir(), "gateway-as-subgraph-")), "supergraph.graphql");
  writeFileSync(supergraphFile, composed({ ticks: TICKS }));
  const config = readGatewayConfig({
    PORT: String(port),
    SUPERGRAPH_FILE: supergraphFile,
    AUTH_MODE: "off",
    ...NO_DOCUMENTS,
  });
  const endpoint = createGraphQLEndpoint({ schema, log, createContext: () => ({}) });
  const gateway = await createGateway(config, { log, inProcess: new Map([["ticks", endpoint]]) });
  return Number(new URL(await gateway.listen()).port);
}
