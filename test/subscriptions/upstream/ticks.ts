/** What the subgraphs that stream have in common. */
export const TICKS = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  type Query { now: Int! }
  type Subscription { ticks: Tick! quiet: Tick! refused: Tick! ended: Tick! }
  type Tick { number: Int! place: Place! }
  type Place @key(fields: "code", resolvable: false) { code: ID! }
`;

/** A subgraph that adds to every event, and may fail at that. */
export const PLACES = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  type Query { place(code: ID!): Place }
  type Place @key(fields: "code") { code: ID! name: String }
`;

/** What one of them wants in its \`connection_init\`. */
export const TOKEN = "a-token-for-the-stream";
