/** Who may import whom; the table of docs/architecture.md as rules. test/tooling/import-rules.test.ts plants violations of each. */
export interface ImportRule {
  name: string;
  comment: string;
  /** The importing files; everything when there is no pattern. */
  from: { path?: RegExp; pathNot?: RegExp };
  /** What makes an import of theirs an error; `$1` is what the first group of `from.path` matched. */
  to: Condition;
}

export type Condition =
  | { path?: readonly string[]; pathNot?: readonly string[] }
  | { circular: "files" | "folders" }
  | { unresolvable: true };

const sub = "^subgraphs/([^/]+)";
const own = "^subgraphs/$1";
/** Layers stand in a room of a subgraph or on their own: `catalog/products/domain/`, `plms/domain/`. */
const room = "((audit|products|plm|work-orders|usage|legacy)/)?";
const builtin = "^node:";
/** What of the kit a use case may use: rules for input and pages, neither SQL nor HTTP. */
const rulesOfKit = "^subgraphs/kit/(audited|checked-input|idempotency|pagination|row-id)\\.ts$";

/** A rule with `pathNot` alone lets nothing else be imported. */
export const importRules: readonly ImportRule[] = [
  { name: "no-circular", comment: "one direction of imports", from: {}, to: { circular: "files" } },
  {
    name: "no-circular-folders",
    comment: "one direction between folders, too; roots of subgraphs compose what is below them",
    from: { path: /^(gateway|lib|db|fleet)\// },
    to: { circular: "folders" },
  },
  {
    name: "not-to-unresolvable",
    comment: "an import that resolves to nothing",
    from: {},
    to: { unresolvable: true },
  },
  {
    name: "domain-is-pure",
    comment: "no packages, no node core, no I/O: rules and arithmetic, and of lib what is as pure",
    from: { path: new RegExp(`${sub}/${room}domain/`) },
    to: { pathNot: [`${own}/${room}domain/`, "^lib/(day|in-steps|storable|usd)\\.ts$"] },
  },
  {
    name: "operations-see-domain-and-ports",
    comment:
      "use cases are told in ports; they know no SQL, HTTP or GraphQL, and of stores what `ports.ts` says",
    from: { path: new RegExp(`${sub}/${room}operations/`) },
    to: { pathNot: [`${own}/${room}((domain|operations)/|ports\\.ts$)`, rulesOfKit, "^lib/"] },
  },
  {
    name: "resolvers-stay-thin",
    comment: "resolvers translate; they never reach past the operations",
    from: { path: new RegExp(`${sub}/${room}(resolvers/|rest/|resolvers\\.ts|loaders\\.ts)`) },
    to: { path: ["^db/", `${own}/${room}adapters/`, "^node_modules/(pg|kysely|cockatiel|keyv)/"] },
  },
  {
    name: "jobs-work-beside-requests",
    comment: "what goes on by itself uses the operations, and nobody but the server starts it",
    from: { path: new RegExp(`${sub}/${room}jobs/`) },
    to: { path: [`${own}/${room}(resolvers|rest)/`, `${own}/(server|main|context|schema)\\.ts`] },
  },
  {
    name: "only-the-server-starts-jobs",
    comment: "a request does not start what outlives it",
    from: { path: new RegExp("^(?!subgraphs/[^/]+/(server\\.ts|jobs/)|test/)") },
    to: { path: ["^subgraphs/[^/]+/jobs/"] },
  },
  {
    name: "adapters-know-ports-not-resolvers",
    comment: "adapters implement ports",
    from: { path: new RegExp(`${sub}/${room}adapters/`) },
    to: {
      path: [
        `${own}/${room}(resolvers/|rest/|jobs/|resolvers\\.ts|operations/(?!.*ports\\.ts)|server\\.ts|main\\.ts|context\\.ts)`,
      ],
    },
  },
  {
    name: "products-know-no-other-room",
    comment: "what is built comes first; who compares, orders or reports it builds on that",
    from: { path: /^subgraphs\/catalog\/products\/(domain|operations|adapters)\// },
    to: { path: ["^subgraphs/catalog/(plm|work-orders|usage|legacy)/"] },
  },
  {
    name: "the-plm-knows-no-orders",
    comment: "the partner's side can be taken away from under the orders",
    from: { path: /^subgraphs\/catalog\/plm\// },
    to: { path: ["^subgraphs/catalog/(work-orders|usage|legacy)/"] },
  },
  {
    name: "no-cross-subgraph",
    comment: "subgraphs meet in the gateway only",
    from: { path: new RegExp(`${sub}/`) },
    to: { path: ["^subgraphs/"], pathNot: [own, "^subgraphs/kit/"] },
  },
  {
    name: "subgraph-never-sees-gateway",
    comment: "the gateway is a client",
    from: { path: new RegExp("^subgraphs/") },
    to: { path: ["^gateway/"] },
  },
  {
    name: "gateway-knows-urls-only",
    comment: "the gateway runs any supergraph",
    from: { path: new RegExp("^gateway/") },
    to: { path: ["^(subgraphs|db|mocks|dashboard)/"] },
  },
  {
    name: "dashboard-sees-the-contract-only",
    comment: "the page is a client of the graph like any other",
    from: { path: new RegExp("^dashboard/src/") },
    to: { pathNot: ["^dashboard/src/", "^schema/generated/", "^client/", "^node_modules/"] },
  },
  {
    name: "lib-is-a-leaf",
    comment: "plumbing imports nothing of ours",
    from: { path: new RegExp("^lib/") },
    to: { pathNot: ["^lib/", "^node_modules/", builtin] },
  },
  {
    name: "db-sees-only-lib",
    comment: "storage knows no domain",
    from: { path: new RegExp("^db/") },
    to: { pathNot: ["^db/", "^lib/", "^node_modules/", builtin] },
  },
  {
    name: "mocks-stand-alone",
    comment: "a mock is somebody else's server; it sells the same boats",
    from: { path: new RegExp("^mocks/") },
    to: { path: ["^(gateway|subgraphs|dashboard)/", "^db/(?!seed/models/)"] },
  },
  {
    name: "conformance-knows-no-server",
    comment: "the suite is for servers of anybody; only what compares several knows this one",
    from: { path: new RegExp("^conformance/(?!peers/)") },
    to: { pathNot: ["^conformance/(?!peers/)", "^lib/", "^node_modules/ws/", builtin] },
  },
  {
    name: "nothing-ships-test-code",
    comment: "nothing shipped imports what only develops",
    from: { path: new RegExp("^(gateway|subgraphs|db|lib|mocks)/") },
    to: { path: ["^(test|bench|standalone|fleet|tools)"] },
  },
  {
    name: "pg-only-in-db",
    comment: "one place opens connections",
    from: { pathNot: new RegExp("^(db|test)/") },
    to: { path: ["^node_modules/pg/"] },
  },
  {
    name: "env-only-in-config",
    comment: "configuration is read once, at the edge",
    from: { pathNot: new RegExp("(^|/|-)config\\.ts$|^(test|bench|lib)/|^codegen\\.ts$") },
    to: { path: ["^lib/env\\.ts$"] },
  },
];
