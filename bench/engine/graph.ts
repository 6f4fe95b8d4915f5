import { composeServices } from "@apollo/composition";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { parse, type GraphQLSchema } from "graphql";

/** Two subgraphs with a fixed amount of data, and the operations that are measured. */
const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key"])`;

/** Federation 1 reads these as they are, federation 2 with the link before them. */
export const SDL = {
  plms: `
    type Query { project(id: ID!): Project }
    enum Status { ACTIVE PAUSED DRAFT DONE }
    type Project @key(fields: "id") { id: ID! name: String! status: Status! budget: Float! runs(first: Int = 5): [Run!]! workOrders(first: Int = 32): [WorkOrder!]! }
    type Run { id: ID! startedAt: String! cost: Float! lane: String! ok: Boolean! }
    type WorkOrder { id: ID! model: Model! }
    extend type Model @key(fields: "id") { id: ID! @external }`,
  catalog: `
    type Query { model(id: ID!): Model }
    type Model @key(fields: "id") { id: ID! name: String! trims: [Trim!]! features: [Feature!]! bom: Bom }
    type Trim { code: ID! name: String! msrp: Int! }
    type Feature { code: ID! label: String! standard: Boolean! }
    type Bom { revision: String! lines: [BomLine!]! }
    type BomLine { part: String! qty: Int! }`,
} as const;

export type SubgraphName = keyof typeof SDL;

const FEDERATION_2 = {
  plms: `${LINK}${SDL.plms.replace('extend type Model @key(fields: "id") { id: ID! @external }', 'type Model @key(fields: "id", resolvable: false) { id: ID! }')}`,
  catalog: `${LINK}${SDL.catalog}`,
};

export function composeGraph(urls: Readonly<Record<string, string>>): string {
  const names = Object.keys(SDL) as SubgraphName[];
  const result = composeServices(
    names.map((name) => ({ name, url: urls[name] ?? "", typeDefs: parse(FEDERATION_2[name]) })),
  );
  if (result.errors) throw new Error(result.errors.map(({ message }) => message).join("\n"));
  return result.supergraphSdl;
}

export function subgraphSchema(name: SubgraphName): GraphQLSchema {
  const typeDefs = parse(FEDERATION_2[name]);
  return buildSubgraphSchema([{ typeDefs, resolvers: (name === "plms" ? plms : catalog) as never }]);
}

const list = <T>(length: number, make: (index: number) => T) =>
  Array.from({ length }, (_, index) => make(index));

/** Other models for each project: equal fetches under way would be merged, which flatters who does so. */
const modelOf = (project: string, n: number) => `${project}-m${n}`;

const project = (id: string) => ({
  id,
  name: `Project ${id}`,
  status: "ACTIVE",
  budget: 1250.5,
  runs: ({ first }: { first: number }) =>
    list(first, (n) => ({
      id: `${id}-run-${n}`,
      startedAt: "2026-01-31T08:00:00.000Z",
      cost: n * 1.25,
      lane: `lane ${n % 4}`,
      ok: n % 2 === 0,
    })),
  workOrders: ({ first }: { first: number }) =>
    list(first, (n) => ({ id: `${id}-wo-${n}`, model: { __typename: "Model", id: modelOf(id, n) } })),
});

const model = (id: string) => ({
  __typename: "Model",
  id,
  name: `Model ${id}`,
  trims: list(2, (n) => ({ code: `${id}-T${n}`, name: `Trim ${n}`, msrp: 30_000 + n })),
  features: list(4, (n) => ({ code: `${id}-F${n}`, label: `Feature ${n}`, standard: n % 2 === 0 })),
  bom: { revision: "r7", lines: list(4, (n) => ({ part: `part-${n}`, qty: n + 1 })) },
});

const plms = {
  Query: { project: (_: unknown, { id }: { id: string }) => project(id) },
  Project: { __resolveReference: ({ id }: { id: string }) => project(id) },
};
const catalog = {
  Query: { model: (_: unknown, { id }: { id: string }) => model(id) },
  Model: { __resolveReference: ({ id }: { id: string }) => model(id) },
};

const MODEL =
  "name trims { code name msrp } features { code label standard } bom { revision lines { part qty } }";

/** The measured operations; each takes one variable, `id`. */
export const OPERATIONS = {
  small: `query Small($id: ID!) { project(id: $id) { id name status budget runs { id startedAt cost lane ok } } }`,
  large: `query Large($id: ID!) { project(id: $id) { id name status runs { id cost ok } workOrders { id model { ${MODEL} } } } }`,
  /** `large` with a type name at the root, which the text splice does not take. */
  compiled: `query Compiled($id: ID!) { __typename project(id: $id) { id name status runs { id cost ok } workOrders { id model { ${MODEL} } } } }`,
} as const;

export type Shape = keyof typeof OPERATIONS;

/** What the smallest possible gateway would send for an operation: the same fetches, known beforehand. */
export const PROXY_REQUESTS = {
  small: (id: string) => [
    {
      to: "plms",
      body: bodyOf(
        `query Small__plms__0($id:ID!){project(id:$id){id name status budget runs{id startedAt cost lane ok}}}`,
        { id },
      ),
    },
  ],
  large: (id: string) => [
    {
      to: "plms",
      body: bodyOf(
        `query Large__plms__0($id:ID!){project(id:$id){id name status runs{id cost ok}workOrders{id model{__typename id}}}}`,
        { id },
      ),
    },
    {
      to: "catalog",
      body: bodyOf(
        `query Large__catalog__1($representations:[_Any!]!){_entities(representations:$representations){...on Model{name trims{code name msrp}features{code label standard}bom{revision lines{part qty}}}}}`,
        { representations: list(32, (n) => ({ __typename: "Model", id: modelOf(id, n) })) },
      ),
    },
  ],
} satisfies Record<string, (id: string) => { to: SubgraphName; body: string }[]>;

const bodyOf = (query: string, variables: object) => JSON.stringify({ query, variables });
