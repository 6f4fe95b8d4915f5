import { federated, ownGraph, type SampleSupergraph } from "../support/supergraph.ts";

/** Graphs where one directive leads to the next, and the graph that this gateway is made for. */
export const deepGraphs: readonly SampleSupergraph[] = [
  federated("required fields in depth", {
    orders: `type Query { orders: [Order!]! order(id: ID!): Order }
      type Order @key(fields: "id") { id: ID! customer: Customer! lines: [Line!]! payment: Payment } type Line { qty: Int! price: Float }
      union Payment = Card | Cash type Card { digits: String! } type Cash { currency: String! } type Customer @key(fields: "id") { id: ID! orders: [Order!] }`,
    customers: `type Query { customers: [Customer!] } type Customer @key(fields: "id") { id: ID! tier: Int! name: String } type Order @key(fields: "id") { id: ID! rank: String! }`,
    sums: `type Order @key(fields: "id") { id: ID! lines: [Line!]! @external payment: Payment @external rank: String! @external
      total: Float! @requires(fields: "lines { qty price }") summary: String @requires(fields: "payment { ... on Card { digits } ... on Cash { currency } }") label: String! @requires(fields: "rank total") }
      type Line @external { qty: Int! price: Float } union Payment = Card | Cash type Card @external { digits: String! } type Cash @external { currency: String! }
      type Customer @key(fields: "id") { id: ID! tier: Int! @external discount: Float @requires(fields: "tier") }`.replace(
      "rank total",
      "rank",
    ),
  }),
  federated("keys by translation", {
    codes: `type Query { start: Item all: [Item!]! find(code: ID!): Item } type Item @key(fields: "code") { code: ID! name: String! }`,
    ids: `type Item @key(fields: "code") @key(fields: "id") { code: ID! id: ID! weight: Float }`,
    serials: `type Item @key(fields: "id") @key(fields: "serial") { id: ID! serial: ID! place: Place } type Place @key(fields: "hall rack { row }") { hall: ID! rack: Rack! } type Rack @shareable { row: String! }`,
    depots: `type Query { depot: Depot } type Depot { place: Place! items: [Item!]! } type Item @key(fields: "serial") { serial: ID! stock: Int }
      type Place @key(fields: "hall rack { row }") { hall: ID! rack: Rack! city: String! street: String } type Rack @shareable { row: String! }`,
  }),
  federated("provided fields in depth", {
    trips: `type Query { trips: [Trip!]! } type Trip @key(fields: "id") { id: ID! driver: Person! @provides(fields: "name home { city }") riders: [Person!] @provides(fields: "name") vehicle: Vehicle }
      type Person @key(fields: "id") { id: ID! name: String! @external home: Home @external } type Home { city: String! @external }
      interface Vehicle { plate: String! } type Bus implements Vehicle @key(fields: "plate") { plate: String! seats: Int! } type Bike implements Vehicle { plate: String! gears: Int }`,
    people: `type Query { person(id: ID!): Person } type Person @key(fields: "id") { id: ID! name: String! @shareable home: Home @shareable age: Int trips: [Trip!] } type Home @shareable { city: String! zip: String }
      type Trip @key(fields: "id", resolvable: false) { id: ID! } type Bus @key(fields: "plate") { plate: String! line: String }`,
  }),
  ownGraph("lifecycle"),
];
