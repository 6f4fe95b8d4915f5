/** The subgraphs that make up the supergraph; URLs are those of the default ports. */
export const subgraphs = [
  { name: "plms", url: "http://127.0.0.1:6100/graphql", file: "plms.graphql" },
  { name: "catalog", url: "http://127.0.0.1:6200/graphql", file: "catalog.graphql" },
] as const;
