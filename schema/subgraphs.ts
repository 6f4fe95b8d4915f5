/** A subgraph as it is composed. */
interface SubgraphFile {
  name: string;
  url: string;
  /** Its SDL, beside this file. */
  file: string;
  /** Where codegen writes its resolver types; left out for a subgraph that lives elsewhere. */
  folder?: string;
}

/**
 * The subgraphs that make up the supergraph; URLs are those of the default ports. The gateway answers for `edge`
 * itself, whatever its address may be called.
 */
export const subgraphs: readonly SubgraphFile[] = [
  {
    name: "plms",
    url: "http://127.0.0.1:6100/graphql",
    file: "plms.graphql",
    folder: "subgraphs/plms",
  },
  {
    name: "catalog",
    url: "http://127.0.0.1:6200/graphql",
    file: "catalog.graphql",
    folder: "subgraphs/catalog",
  },
  { name: "edge", url: "self:edge", file: "edge.graphql", folder: "gateway/edge" },
];
