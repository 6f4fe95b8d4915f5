/** Who may import whom; the table of docs/architecture.md as rules. test/tooling/import-rules.test.ts plants violations of each. */
const sub = "^subgraphs/([^/]+)";
const own = "^subgraphs/$1";
/** Layers stand in a room of a subgraph or on their own: `catalog/products/domain/`, `plms/domain/`. */
const room = "((audit|products|plm|work-orders|usage|legacy)/)?";
const builtin = "^(node:)?[a-z_/]+$";

/** Everything outside `allowed` is an error. */
const only = (name, from, allowed, comment) => ({
  name,
  comment,
  severity: "error",
  from: { path: from },
  to: { pathNot: allowed },
});

const never = (name, from, to, comment) => ({ name, comment, severity: "error", from, to });

export default {
  forbidden: [
    never("no-circular", {}, { circular: true }, "one direction of imports"),
    never(
      "not-to-unresolvable",
      {},
      { couldNotResolve: true, pathNot: "^@graphql-typed-document-node/core$" },
      "an import that resolves to nothing (types-only packages aside)",
    ),
    only(
      "domain-is-pure",
      `${sub}/${room}domain/`,
      [`${own}/${room}domain/`],
      "no packages, no node core, no I/O: rules and arithmetic",
    ),
    only(
      "operations-see-domain-and-ports",
      `${sub}/${room}operations/`,
      [`${own}/${room}(domain|operations)/`, "^lib/"],
      "use cases are told in ports; they know no SQL, HTTP or GraphQL",
    ),
    never(
      "resolvers-stay-thin",
      { path: `${sub}/${room}(resolvers/|resolvers\\.ts|loaders\\.ts)` },
      { path: ["^db/", `${own}/${room}adapters/`, "node_modules/(pg|kysely|cockatiel|keyv)/"] },
      "resolvers translate; they never reach past the operations",
    ),
    never(
      "adapters-know-ports-not-resolvers",
      { path: `${sub}/${room}adapters/` },
      {
        path: `${own}/${room}(resolvers/|resolvers\\.ts|operations/(?!.*ports\\.ts)|server\\.ts|main\\.ts|context\\.ts)`,
      },
      "adapters implement ports",
    ),
    never(
      "products-know-no-other-room",
      { path: "^subgraphs/catalog/products/(domain|operations|adapters)/" },
      { path: "^subgraphs/catalog/(plm|work-orders|usage|legacy)/" },
      "what is built comes first; who compares, orders or reports it builds on that",
    ),
    never(
      "the-plm-knows-no-orders",
      { path: "^subgraphs/catalog/plm/" },
      { path: "^subgraphs/catalog/(work-orders|usage|legacy)/" },
      "the partner's side can be taken away from under the orders",
    ),
    never(
      "no-cross-subgraph",
      { path: `${sub}/` },
      { path: "^subgraphs/", pathNot: own },
      "subgraphs meet in the gateway only",
    ),
    never(
      "subgraph-never-sees-gateway",
      { path: "^subgraphs/" },
      { path: "^gateway/" },
      "the gateway is a client",
    ),
    never(
      "gateway-knows-urls-only",
      { path: "^gateway/" },
      { path: "^(subgraphs|db|mocks|dashboard)/" },
      "the gateway runs any supergraph",
    ),
    only(
      "dashboard-sees-the-contract-only",
      "^dashboard/src/",
      ["^dashboard/src/", "^schema/generated/", "^client/", "node_modules/"],
      "the page is a client of the graph like any other",
    ),
    only("lib-is-a-leaf", "^lib/", ["^lib/", "node_modules/", builtin], "plumbing imports nothing of ours"),
    only("db-sees-only-lib", "^db/", ["^db/", "^lib/", "node_modules/", builtin], "storage knows no domain"),
    never(
      "mocks-stand-alone",
      { path: "^mocks/" },
      { path: "^(gateway|subgraphs|db|dashboard)/" },
      "a mock is somebody else's server",
    ),
    never(
      "nothing-ships-test-code",
      { path: "^(gateway|subgraphs|db|lib|mocks)/" },
      { path: "^(test|bench|standalone|fleet|drill|load)" },
      "nothing shipped imports what only develops",
    ),
    never(
      "pg-only-in-db",
      { pathNot: "^(db|test)/" },
      { path: "node_modules/(@types/)?pg/" },
      "one place opens connections",
    ),
    never(
      "env-only-in-config",
      { pathNot: "(^|/)config\\.ts$|^(test|bench|lib)/|^codegen\\.ts$" },
      { path: "^lib/env\\.ts$" },
      "configuration is read once, at the edge",
    ),
  ],
  options: {
    parser: "swc",
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^dashboard/dist" },
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      extensions: [".ts", ".js", ".cjs", ".mjs"],
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
    },
  },
};
