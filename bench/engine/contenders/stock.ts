import { readFileSync } from "node:fs";
import { ApolloGateway } from "@apollo/gateway";
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import { contend, setting } from "../contender.ts";

await contend(async () => {
  const gateway = new ApolloGateway({ supergraphSdl: readFileSync(setting.supergraphFile, "utf8") });
  const { url } = await startStandaloneServer(new ApolloServer({ gateway }), {
    listen: { port: 0, host: "127.0.0.1" },
  });
  return `${url}graphql`;
});
