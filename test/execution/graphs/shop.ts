import { federated, type SampleSupergraph } from "../support/supergraph.ts";

/** Graphs about goods: keys, required fields, provided fields, overrides. */
export const shopGraphs: readonly SampleSupergraph[] = [
  federated("simple keys", {
    plms: `type Query { project(id: ID!): Project projects(first: Int = 3): [Project!]! }
      type Project @key(fields: "id") { id: ID! name: String! status: Status! budget: Float runs: [Run!]! workOrders: [WorkOrder!]! lead: Person }
      enum Status { ACTIVE PAUSED } type Run { id: ID! cost: Float! ok: Boolean! at: DateTime } scalar DateTime
      type WorkOrder { id: ID! model: Model! spare: Model models: [Model]! matrix: [[Model!]] } type Person { name: String! age: Int }
      type Model @key(fields: "id", resolvable: false) { id: ID! }
      type Mutation { rename(id: ID!, name: String!): Project! touch(id: ID!): Project stop: Boolean! }`,
    catalog: `type Query { model(id: ID!): Model models: [Model!] }
      type Model @key(fields: "id") { id: ID! name: String! features: [Feature!]! bom: Bom note: String weight(unit: Unit = KG): Float meta: JSON }
      enum Unit { KG LB } scalar JSON type Feature { code: ID! label: String! } type Bom { revision: String! lines: [Line!]! } type Line { part: String! qty: Int! }
      type Mutation { addModel(name: String!): Model! }`,
  }),
  federated("several and compound keys", {
    stock: `type Query { item(sku: String!): Item items: [Item!]! } type Item @key(fields: "sku") @key(fields: "id") { id: ID! sku: String! count: Int! }`,
    price: `type Query { offers: [Item] } type Item @key(fields: "id") { id: ID! price: Float! maker: Maker! }
      type Maker @key(fields: "id country { code }") { id: ID! country: Country! name: String } type Country @shareable { code: String! }`,
    makers: `type Query { maker: Maker } type Maker @key(fields: "id country { code }") { id: ID! country: Country! employees: Int founded: String! items: [Item!] } type Country @shareable { code: String! }
      type Item @key(fields: "sku", resolvable: false) { sku: String! }`,
    reviews: `type Item @key(fields: "sku") { sku: String! reviews(first: Int = 2): [Review!]! } type Review { stars: Int! text: String author: Author } type Author @key(fields: "email") { email: ID! }`,
    people: `type Query { me: Author } type Author @key(fields: "email") { email: ID! name: String! friends: [Author!] }`,
  }),
  federated("required fields", {
    products: `type Query { product(id: ID!): Product products: [Product!]! } type Product @key(fields: "id") { id: ID! weight: Float! size: Size price: Int } type Size { w: Int! h: Int }`,
    shipping: `type Product @key(fields: "id") { id: ID! weight: Float! @external size: Size @external price: Int @external
      shipping: Int! @requires(fields: "weight") box: String @requires(fields: "size { w h }") insured: Boolean! @requires(fields: "weight price") }
      type Size @external { w: Int! h: Int }`,
    tax: `type Product @key(fields: "id") { id: ID! shipping: Int! @external tax: Float @requires(fields: "shipping") }`,
  }),
  federated("provided fields", {
    books: `type Query { book(isbn: ID!): Book shelf: [Book!]! featured: Author @provides(fields: "name") }
      type Book @key(fields: "isbn") { isbn: ID! title: String! author: Author! @provides(fields: "name") }
      type Author @key(fields: "id") { id: ID! name: String! @external }`,
    authors: `type Query { author(id: ID!): Author } type Author @key(fields: "id") { id: ID! name: String! @shareable born: Int bio(lang: String = "en"): String books: [Book!] }
      type Book @key(fields: "isbn", resolvable: false) { isbn: ID! }`,
  }),
  federated("overridden and inaccessible fields", {
    old: `type Query { account(id: ID!): Account accounts: [Account] } type Account @key(fields: "id") @key(fields: "code") { id: ID! code: String! @inaccessible owner: String! plan: Plan limits: Limits @shareable }
      enum Plan { FREE PRO HIDDEN @inaccessible } type Limits @shareable { seats: Int! storage: Int }`,
    new: `type Account @key(fields: "code") { code: String! @inaccessible owner: String! @override(from: "old") usage: Float @tag(name: "internal") limits: Limits @shareable }
      type Limits @shareable { seats: Int! storage: Int }`,
  }),
  federated("shareable values", {
    east: `type Query { place(id: ID!): Place now: Moment! @shareable } type Place @key(fields: "id") { id: ID! position: Position! @shareable east: String moment: Moment @shareable }
      type Position @shareable { lat: Float! lon: Float! } type Moment @shareable { iso: String! epoch: Int }`,
    west: `type Query { places: [Place!]! now: Moment! @shareable } type Place @key(fields: "id") { id: ID! position: Position! @shareable west: String! moment: Moment @shareable }
      type Position @shareable { lat: Float! lon: Float! } type Moment @shareable { iso: String! epoch: Int }`,
  }),
  federated("chains over four subgraphs", {
    a: `type Query { start: A starts: [A!]! } type A @key(fields: "id") { id: ID! a: String b: B } type B @key(fields: "id", resolvable: false) { id: ID! }`,
    b: `type B @key(fields: "id") { id: ID! b: Int! cs: [C!]! } type C @key(fields: "id", resolvable: false) { id: ID! }`,
    c: `type C @key(fields: "id") { id: ID! c: Boolean d: D! ds: [[D!]!] } type D @key(fields: "id", resolvable: false) { id: ID! }`,
    d: `type D @key(fields: "id") { id: ID! d: Float! a: A! } type A @key(fields: "id") { id: ID! extra: String! }`,
  }),
];
