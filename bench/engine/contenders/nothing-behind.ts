import { readFileSync } from "node:fs";
import { Supergraph } from "@apollo/federation-internals";
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import { contend, setting } from "../contender.ts";

/**
 * The least that a new operation costs with Apollo Server and the rules of graphql-js: it is read, checked and answered, and
 * nobody plans it or asks a subgraph.
 */
await contend(async () => {
  const supergraph = Supergraph.build(readFileSync(setting.supergraphFile, "utf8"), {
    supportedFeatures: null,
  });
  const schema = supergraph.apiSchema().toGraphQLJSSchema();
  const executor = async () => ({ data: {} });
  const gateway: NonNullable<ConstructorParameters<typeof ApolloServer>[0]["gateway"]> = {
    load: async () => ({ schema, executor }),
    onSchemaLoadOrUpdate: (callback) => {
      callback({ apiSchema: schema, coreSupergraphSdl: "" });
      return () => {};
    },
    stop: async () => {},
  };
  const { url } = await startStandaloneServer(new ApolloServer({ gateway }), {
    listen: { port: 0, host: "127.0.0.1" },
  });
  return `${url}graphql`;
});
