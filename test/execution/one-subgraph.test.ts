import { describe, expect, test } from "vitest";
import { fetchesOf } from "../../gateway/execution/plan.ts";
import { createPlanAlone } from "../../gateway/execution/planner/one-subgraph.ts";
import { createProof } from "../../gateway/execution/planner/proof/prove-plan.ts";
import { SubgraphViews } from "../../gateway/execution/planner/proof/subgraph-view.ts";
import { federated } from "./support/supergraph.ts";

const { loaded } = federated("alone", {
  films: `
    type Query { film(id: ID): Film node: Node }
    type Mutation { rate(stars: Int): Film }
    type Subscription { rated: Film }
    interface Node { id: ID! }
    type Film implements Node @key(fields: "id") { id: ID! title: String @shareable seconds: Int }
    type Crew implements Node { id: ID! name: String }`,
  lengths: `
    type Query { longest: Film }
    type Film @key(fields: "id") { id: ID! title: String @shareable seconds: Int @external minutes: Int @requires(fields: "seconds") labelled: Int @override(from: "prices", label: "percent(5)") }`,
  prices: `
    type Query { cheapest: Film thing: Thing }
    union Thing = Film | Ticket
    type Ticket { price: Int }
    type Film @key(fields: "id") { id: ID! price: Int labelled: Int }`,
});
const views = () => new SubgraphViews(loaded.document);
const planAlone = createPlanAlone(loaded, { views, gapIn: createProof(loaded, views) });
const plan = (text: string) => planAlone({ text, labels: new Set(), percentile: 100 });
const sentBy = (text: string) =>
  fetchesOf(plan(text)?.node).map(({ subgraph, operation, variables }) => ({
    subgraph,
    operation,
    variables,
  }));

describe("An operation that one subgraph can answer", () => {
  test("is sent there as it is", () => {
    expect(sentBy("{film(id:1){id title}}")).toEqual([
      { subgraph: "films", operation: "query{film(id:1){id title}}", variables: [] },
    ]);
  });

  test("asks for the type of what may be of several", () => {
    expect(sentBy("{node{id ...on Film{title}}}")).toEqual([
      { subgraph: "films", operation: "query{node{__typename id ...on Film{title}}}", variables: [] },
    ]);
  });

  test("leaves out variables that it does not use", () => {
    expect(sentBy("query Q($id:ID $shown:Boolean){film(id:$id){title}}")).toEqual([
      { subgraph: "films", operation: "query($id:ID){film(id:$id){title}}", variables: ["id"] },
    ]);
  });

  test("keeps its fragments, and those at the root without the name of their type", () => {
    const text = "{...on Query{film{...F}}}\nfragment F on Film{title}";
    const operation = "query{...{film{...F}}}\nfragment F on Film{title}";
    expect(sentBy(text)).toEqual([{ subgraph: "films", operation, variables: [] }]);
  });

  test("is a mutation or the trigger of a subscription, too", () => {
    expect(plan("mutation{rate(stars:5){title}}")?.node).toMatchObject({
      operationKind: "mutation",
      subgraph: "films",
    });
    expect(plan("subscription{rated{title}}")).toMatchObject({
      node: undefined,
      trigger: { operationKind: "subscription", subgraph: "films" },
    });
  });
});

describe("A planner is asked for an operation", () => {
  test.each([
    ["that takes two subgraphs", "{film{title} cheapest{price}}"],
    ["with a field of another subgraph", "{film{price}}"],
    ["with a field that requires others", "{longest{minutes}}"],
    ["with a field that is external there", "{longest{seconds}}"],
    ["with a fragment on a type that the subgraph does not know", "{thing{...on Crew{name}}}"],
    ["with a fragment that can never apply there", "{thing{...on Node{id}}}"],
  ])("%s", (_what, text) => {
    expect(plan(text)).toBeUndefined();
  });

  test("whose parts may come later", () => {
    const deferred = { text: "{film{...@defer{title}}}", labels: new Set<string>(), percentile: 100 };
    expect(planAlone({ ...deferred, isDeferred: true })).toBeUndefined();
  });
});
