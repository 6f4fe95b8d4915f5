import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { composeServices } from "@apollo/composition";
import { parse, type GraphQLSchema } from "graphql";
import { readGatewayConfig } from "../../../gateway/config.ts";
import { createGateway } from "../../../gateway/server.ts";
import { createGraphQLEndpoint } from "../../../lib/graphql-endpoint.ts";
import { createLog } from "../../../lib/log.ts";
import { TICKS } from "./ticks.ts";

/** The supergraph of one subgraph, or of several. */
export function composed(...services: [name: string, sdl: string][]): string {
  const result = composeServices(
    services.map(([name, sdl]) => ({ name, url: "http://127.0.0.1:1/graphql", typeDefs: parse(sdl) })),
  );
  if (result.errors) throw new Error(result.errors.map(({ message }) => message).join("\n"));
  return result.supergraphSdl;
}

/** A gateway of ours in the place of a subgraph: the multipart protocol, as Apollo Client has it from us. */
export async function serveGatewayAsSubgraph(schema: GraphQLSchema, port: number): Promise<number> {
  const log = createLog({ name: "gateway-as-subgraph", level: "silent" });
  const supergraphFile = join(mkdtempSync(join(tmpdir(), "gateway-as-subgraph-")), "supergraph.graphql");
  writeFileSync(supergraphFile, composed(["ticks", TICKS]));
  const config = readGatewayConfig({
    PORT: String(port),
    SUPERGRAPH_FILE: supergraphFile,
    AUTH_MODE: "off",
  });
  const endpoint = createGraphQLEndpoint({ schema, log, createContext: () => ({}) });
  const gateway = await createGateway(config, { log, inProcess: new Map([["ticks", endpoint]]) });
  return Number(new URL(await gateway.listen()).port);
}
