import { federated, type SampleSupergraph } from "../support/supergraph.ts";

/** Graphs with interfaces, unions, interface objects, inputs. */
export const abstractGraphs: readonly SampleSupergraph[] = [
  federated("interfaces", {
    media: `type Query { media(id: ID!): Media all: [Media!]! top: Film } interface Media { id: ID! title: String! }
      type Film implements Media @key(fields: "id") { id: ID! title: String! minutes: Int! }
      type Song implements Media @key(fields: "id") { id: ID! title: String! bpm: Float }
      type Clip implements Media { id: ID! title: String! source: Film! }`,
    ratings: `type Film @key(fields: "id") { id: ID! stars: Int! similar: [Film!]! } type Song @key(fields: "id") { id: ID! stars: Int plays: Int! }`,
  }),
  federated("unions", {
    search: `type Query { search(text: String = "x"): [Hit!]! first: Hit maybe: [Hit] } union Hit = User | Page | Tag
      type User @key(fields: "id") { id: ID! } type Page @key(fields: "url") { url: String! title: String } type Tag { word: String! owner: User }`,
    users: `type Query { user(id: ID!): User viewer: Viewer } union Viewer = User | Guest type User @key(fields: "id") { id: ID! name: String! email: String avatar(size: Int = 10): String }
      type Guest { session: ID! } type Page @key(fields: "url") { url: String! author: User views: Int! }`,
  }),
  federated("interface objects", {
    base: `type Query { asset(id: ID!): Asset assets: [Asset!]! } interface Asset @key(fields: "id") { id: ID! label: String! }
      type Car implements Asset @key(fields: "id") { id: ID! label: String! doors: Int! } type House implements Asset @key(fields: "id") { id: ID! label: String! rooms: Int }`,
    values: `type Query { dearest: Asset } type Asset @key(fields: "id") @interfaceObject { id: ID! value: Float! history: [Point!] } type Point { at: String! v: Float }`,
  }),
  federated("interfaces that implement interfaces", {
    one: `type Query { node(id: ID!): Node nodes: [Node]! owned: [Owned!] } interface Node { id: ID! } interface Owned implements Node { id: ID! owner: Owner }
      type Boat implements Owned & Node @key(fields: "id") { id: ID! owner: Owner length: Float! } type Dock implements Node @key(fields: "id") { id: ID! berths: Int! boats: [Boat!]! }
      type Owner @key(fields: "id") { id: ID! }`,
    two: `type Owner @key(fields: "id") { id: ID! name: String! fleet: [Boat!] } type Boat @key(fields: "id") { id: ID! flag: Flag } enum Flag { NL FR PA }`,
  }),
  federated("inputs and mutations", {
    forms: `type Query { echo(input: Filter, list: [Int!], deep: [[String]]): Form! form(id: ID!): Form } type Mutation { save(input: Filter!): Saved! drop(ids: [ID!]!): [Form!]! }
      input Filter { text: String = "a" limit: Int nested: Filter kind: Kind = SHORT } enum Kind { SHORT LONG } union Saved = Form | Problem type Problem { message: String! code: Int }
      type Form @key(fields: "id") { id: ID! text: String kind: Kind json: JSON } scalar JSON`,
    audit: `type Form @key(fields: "id") { id: ID! changes(first: Int!, since: String): [Change!]! changed: Boolean } type Change { by: String! at: String }
      type Mutation { audit(id: ID!): Form }`,
  }),
  federated("one subgraph", {
    only: `type Query { greeting(name: String! = "you"): String! numbers: [Int!]! tree: Tree! maybe: Tree any: JSON } scalar JSON type Tree { name: String! left: Tree right: Tree leaves: [String]! weight: Float truth: Boolean kind: Kind! }
      enum Kind { OAK ASH } type Mutation { plant(name: String!): Tree cut: Boolean! grow: Int! }`,
  }),
  federated("interfaces over shared values", {
    left: `type Query { shapes: [Shape!]! pick: Shape } interface Shape { area: Float! box: Box } type Box @shareable { w: Int! h: Int! }
      type Circle implements Shape @key(fields: "id") { id: ID! area: Float! box: Box radius: Float! } type Square implements Shape @key(fields: "id") { id: ID! area: Float! box: Box side: Int! }`,
    right: `type Circle @key(fields: "id") { id: ID! color: Color! } type Square @key(fields: "id") { id: ID! color: Color tags: [String!] } type Color @shareable { name: String! rgb: [Int!]! } type Query { palette: [Color!]! }`,
  }),
];
