import { readFileSync } from "node:fs";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { parse, type DocumentNode, type GraphQLSchema } from "graphql";
import { subgraphs as ownSubgraphs } from "../../../schema/subgraphs.ts";
import { loadSupergraph, type LoadedSupergraph } from "../../../gateway/supergraph/supergraph.ts";
import { fakeResolvers } from "./fake-data.ts";
import { composed } from "../../support/composed.ts";

export const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@requires", "@provides", "@external", "@shareable", "@override", "@inaccessible", "@interfaceObject", "@tag", "@context", "@fromContext"])\n`;

export interface SampleSupergraph {
  name: string;
  sdl: string;
  loaded: LoadedSupergraph;
  /** Executable schemas with invented data, by subgraph. */
  schemas: ReadonlyMap<string, GraphQLSchema>;
}

/** Composes subgraphs that are given as SDL and fills them with invented data. */
export const federated = (name: string, subgraphs: Readonly<Record<string, string>>): SampleSupergraph =>
  compose(
    name,
    Object.entries(subgraphs).map(([subgraph, sdl]) => [subgraph, LINK + sdl]),
  );

/** The graph of this repository, over invented data. */
export const ownGraph = (name: string): SampleSupergraph =>
  compose(
    name,
    ownSubgraphs.map((subgraph) => [subgraph.name, readFileSync(new URL(subgraph.file, SCHEMAS), "utf8")]),
  );

const SCHEMAS = new URL("../../../schema/", import.meta.url);

function compose(name: string, sources: (readonly [string, string])[]): SampleSupergraph {
  const parsed = sources.map(([subgraph, sdl]) => [subgraph, parse(sdl)] as const);
  const sdl = composed(Object.fromEntries(sources), (subgraph) => `http://${subgraph}.invalid`);
  return {
    name,
    sdl,
    loaded: loadSupergraph(sdl, new Date(0)),
    schemas: new Map(parsed.map(([subgraph, typeDefs]) => [subgraph, executable(typeDefs)])),
  };
}

function executable(typeDefs: DocumentNode): GraphQLSchema {
  const bare = buildSubgraphSchema([{ typeDefs }]);
  return buildSubgraphSchema([{ typeDefs, resolvers: fakeResolvers(bare) as never }]);
}
