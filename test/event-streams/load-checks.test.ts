import { describe, expect, test } from "vitest";
import { loadSupergraph } from "../../gateway/supergraph/supergraph.ts";
import { composed } from "../support/composed.ts";
import { createOrdersGraph, OTHERS, STREAMS } from "./support/orders-graph.ts";

/** A supergraph with one stream of the given type, and what it needs. */
const withStream = (stream: string, { type = "Order!", args = "id: ID!", more = "" } = {}): string =>
  composed({
    ...OTHERS,
    orders: `${STREAMS}
      type Query { order(id: ID!): Order }
      type Subscription { changed(${args}): ${type} ${stream} }
      type Order @key(fields: "id") { id: ID! total: Float! secret: String @inaccessible price(in: String): Float buyer: User! }
      type Loose @shareable { text: String! by: User! }
      interface Thing { id: ID! }
      type Box implements Thing { id: ID! size: Int! }
      type User @key(fields: "id", resolvable: false) { id: ID! }
      input Where { place: String! tags: [String!] }
      ${more}`,
  });

const load = (sdl: string, hasBroker = true) => loadSupergraph(sdl, new Date(), { hasBroker });

const onOrder = (topic: string) => `@eventStream(message: "{ id }", topics: ["${topic}"])`;
const message = (selection: string) => `@eventStream(message: "${selection}", topics: ["t.{$args.id}"])`;

describe("an event stream that cannot work is refused when the supergraph loads", () => {
  test.each<[what: string, sdl: () => string, problem: RegExp]>([
    [
      "an argument that does not exist",
      () => withStream(onOrder("t.{$args.nr}")),
      /names \{\$args\.nr\}: there is no nr; expected one of: id/,
    ],
    [
      "a field of an argument that does not exist",
      () => withStream(onOrder("t.{$args.at.town}"), { args: "at: Where!" }),
      /there is no town; expected one of: place, tags/,
    ],
    [
      "an argument that is an object",
      () => withStream(onOrder("t.{$args.at}"), { args: "at: Where!" }),
      /\{\$args\.at\}, which is not one value/,
    ],
    [
      "an argument that is a list",
      () => withStream(onOrder("t.{$args.at.tags}"), { args: "at: Where!" }),
      /which is not one value/,
    ],
    [
      "a placeholder of another kind",
      () => withStream(onOrder("t.{$claims.shoe}")),
      /has \{\$claims\.shoe\}; expected \{\$args\.name\} or one of \{\$claims\.tenant\}/,
    ],
    ["a wildcard", () => withStream(onOrder("t.*")), /has "t\.\*"; expected letters, digits/],
    ["a brace that stays open", () => withStream(onOrder("t.{$args.id")), /that is not closed/],
    ["an empty part", () => withStream(onOrder("t..{$args.id}")), /has an empty part/],
    [
      "values that run into each other",
      () => withStream(onOrder("t.{$args.id}-{$args.nr}"), { args: "id: ID!, nr: Int!" }),
      /nothing between them that tells their values apart/,
    ],
    [
      "several topics",
      () => withStream(`@eventStream(message: "{ id }", topics: ["a", "b"])`),
      /several topics, which have no order/,
    ],
    ["no topic", () => withStream(`@eventStream(message: "{ id }")`), /no topic; expected topics/],
    [
      "another broker",
      () => withStream(`@eventStream(message: "{ id }", topics: ["a"], broker: "kafka")`),
      /asks for the broker "kafka"; there is one/,
    ],
    ["a selection that is none", () => withStream(message("{ id")), /expected a selection like/],
    [
      "a field that does not exist",
      () => withStream(message("{ id colour }")),
      /selects colour, which Order does not have/,
    ],
    [
      "a field below that does not exist",
      () => withStream(message("{ id buyer { shoe } }")),
      /selects buyer\.shoe, which User does not have/,
    ],
    [
      "an object without its fields",
      () => withStream(message("{ id buyer }")),
      /selects buyer without saying what of User/,
    ],
    [
      "a field with arguments",
      () => withStream(message("{ id price }")),
      /selects price, which takes arguments/,
    ],
    ["an alias", () => withStream(message("{ nr: id }")), /selects nr|selects id with more than its name/],
    [
      "an entity without its key",
      () => withStream(message("{ total }")),
      /a message without Order\.id, Order\.price, Order\.buyer; put a key of Order into it \(id\)/,
    ],
    [
      "an entity below without its key",
      () => withStream(message("{ id buyer { name } }")),
      /a message without User\.id, User\.favourite; put a key of User/,
    ],
    [
      "a type without a key that is not whole",
      () => withStream(message("{ text }"), { type: "Loose!" }),
      /a message without Loose\.by; put them into it, or give Loose a @key/,
    ],
    [
      "an interface that does not say what it is",
      () => withStream(message("{ id }"), { type: "Thing!" }),
      /leaves open of which type the message is; expected __typename/,
    ],
    [
      "a fragment on a stranger",
      () => withStream(message("{ __typename id ... on Order { id } }"), { type: "Thing!" }),
      /a fragment on Order, which is no member of Thing/,
    ],
  ])("%s", (_, sdl, problem) => {
    expect(() => load(sdl())).toThrow(problem);
    expect(() => load(sdl())).toThrow(/@eventStream at Subscription\.changed /);
  });

  test("every one of several is named", () => {
    const sdl = composed({
      ...OTHERS,
      orders: `${STREAMS} type Query { a: Int } type Subscription {
        one: Int @eventStream(message: "{ id }", topics: ["one"])
        two: Loose @eventStream(message: "{ id }", topics: ["two"])
      } type Loose { text: String }`,
    });
    expect(() => load(sdl)).toThrow(/Subscription\.one [^]*Subscription\.two /);
  });

  test("no broker, with what to do; unless the subgraph streams the field itself", () => {
    expect(() => load(withStream(onOrder("t.{$args.id}")), false)).toThrow(
      /Subscription\.changed has no broker: set EVENT_BROKER_URL, or say orSubgraph: true/,
    );
    const fallsBack = withStream(`@eventStream(message: "{ id }", topics: ["t"], orSubgraph: true)`);
    expect(load(fallsBack, false).eventStreams.size).toBe(0);
    expect(load(fallsBack).eventStreams.size).toBe(1);
  });
});

describe("an event stream that loads", () => {
  test("is no subgraph for anybody but planners, and nothing of it is shown to clients", () => {
    const { subgraphs, eventStreams, apiSchema, passedOver } = load(createOrdersGraph("t").sdl);
    expect(subgraphs.map(({ name }) => name)).toEqual(["orders", "products", "users"]);
    expect([...eventStreams.keys()]).toEqual([
      "orderChanged",
      "noticed",
      "secret",
      "mine",
      "tracked",
      "gauge",
    ]);
    expect(apiSchema.getDirective("eventStream")).toBeUndefined();
    expect(passedOver).toEqual([]);
  });

  test("may have a message with what is inaccessible, and a directive under another name", () => {
    const sdl = withStream(message("{ id secret }"))
      .replaceAll("@eventStream(", "@fed(")
      .replaceAll("directive @eventStream", "directive @fed")
      .replace(`import: ["@eventStream"]`, `import: [{ name: "@eventStream", as: "@fed" }]`);
    expect(load(sdl).eventStreams.size).toBe(1);
  });
});
