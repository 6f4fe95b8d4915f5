import { describe, expect, test } from "vitest";
import { createProof } from "../../gateway/execution/planner/proof/prove-plan.ts";
import { SubgraphViews } from "../../gateway/execution/planner/proof/subgraph-view.ts";
import {
  sequenceOf,
  type EntityFetch,
  type Plan,
  type PlanNode,
  type RootFetch,
} from "../../gateway/execution/plan.ts";
import { federated } from "./support/supergraph.ts";

const { loaded } = federated("proof", {
  a: `
    type Query { films: [Film] item: Item label: Named }
    type Mutation { first: Int second: Int }
    type Film implements Item & Named @key(fields: "id") { id: ID! title: String label: String! size(unit: String): Int }
    type Crew implements Item & Named @key(fields: "id") { id: ID! label: String }
    interface Item @key(fields: "id") { id: ID! }
    interface Named { label: String }`,
  b: `
    type Film @key(fields: "id") {
      id: ID!
      title: String @external
      size(unit: String): Int @external
      note: String
      slug: String @requires(fields: "title")
      weight: Int @requires(fields: "size(unit: \\"cm\\")")
    }`,
  c: `type Item @key(fields: "id") @interfaceObject { id: ID! extra: String }`,
});
const views = new SubgraphViews(loaded.document);
const gapIn = createProof(loaded, () => views);
const gap = (text: string, ...nodes: readonly PlanNode[]) =>
  gapIn({ text, labels: new Set(), percentile: 100 }, { node: sequenceOf(nodes) } satisfies Plan);

const request = (subgraph: string, operation: string) => ({
  subgraph,
  operation,
  operationName: undefined,
  operationKind: operation.startsWith("mutation") ? ("mutation" as const) : ("query" as const),
  variables: [],
});
const root = (subgraph: string, operation: string): RootFetch => ({
  kind: "fetch",
  ...request(subgraph, operation),
  renames: [],
});
/** Sends the type name and the fields, given as `key` or as `key as name`. */
const entities = (
  subgraph: string,
  {
    path,
    on,
    sent,
    as = on,
    selects,
  }: { path: string; on: string; sent: string; as?: string; selects: string },
): EntityFetch => ({
  kind: "entities",
  ...request(subgraph, `query($r:[_Any!]!){_entities(representations:$r){...on ${as}{${selects}}}}`),
  groups: [
    {
      alias: "_entities",
      variable: "r",
      paths: [path.split(" ")],
      requires: [
        {
          kind: "fragment",
          type: on,
          selections: ["__typename", ...sent.split(", ")].map((field) => {
            const [key = "", sentAs = key] = field.split(" as ");
            return { kind: "field", key, sentAs };
          }),
        },
      ],
      inputRewrites:
        as === on ? [] : [{ kind: "set", path: [{ types: [on] }], key: "__typename", value: as }],
      renames: [],
      contextArguments: [],
    },
  ],
});
const films = (selects: string) => root("a", `{films{__typename ${selects}}}`);
const fromB = (sent: string, selects: string) =>
  entities("b", { path: "films @", on: "Film", sent, selects });

describe("A plan is proved", () => {
  test("when each field comes from a subgraph that has it and was given what it needs", () => {
    expect(gap("{films{note slug}}", films("id title"), fromB("id, title", "note slug"))).toBeUndefined();
    expect(
      gap("{films{weight}}", films('id _w:size(unit:"cm")'), fromB("id, _w as size", "weight")),
    ).toBeUndefined();
  });

  test("when every type that an object may be of is known where something depends on it", () => {
    const text = "{item{extra ...on Film{title}}}";
    const whole = root("a", "{item{__typename id ...on Film{title}}}");
    const more = { path: "item", on: "Item", as: "Item", sent: "id", selects: "extra" };
    const asItem = entities("c", { ...more, on: "Item" });
    const renamed = {
      ...asItem,
      groups: asItem.groups.map((group) => ({
        ...group,
        inputRewrites: [
          { kind: "set", path: [{ types: ["Item"] }], key: "__typename", value: "Item" } as const,
        ],
      })),
    };
    expect(gap(text, whole, renamed)).toBeUndefined();
    expect(gap(text, root("a", "{item{id ...on Film{title}}}"), renamed)).toMatch(/type of a/);
  });

  test("for mutations that are executed in their order only", () => {
    const [first, second] = [root("a", "mutation{first}"), root("a", "mutation{second}")];
    expect(gap("mutation{first second}", first, second)).toBeUndefined();
    expect(gap("mutation{first second}", second, first)).toMatch(/another order/);
    const atOnce: PlanNode = { kind: "parallel", nodes: [first, second] };
    expect(gap("mutation{first second}", atOnce)).toMatch(/at once/);
  });
});

describe("A plan is not proved", () => {
  test.each<[string, string, RegExp, PlanNode[]]>([
    ["that leaves a fetch out", "{films{note}}", /Film.note is not fetched/, [films("id")]],
    [
      "that leaves out a field of some types only",
      "{item{id ...on Crew{label}}}",
      /Crew.label is not fetched/,
      [root("a", "{item{__typename id ...on Film{label}}}")],
    ],
    [
      "that asks by a name for something else than the key",
      "{films{id:title note}}",
      /something else than its key/,
      [films("id:title"), fromB("id", "note")],
    ],
    [
      "that does not send what a field requires",
      "{films{slug}}",
      /"slug" of a Film is something else/,
      [films("id"), fromB("id", "slug")],
    ],
    [
      "that sends it under the name of another field",
      "{films{slug}}",
      /"slug" of a Film is something else/,
      [films("id title:label"), fromB("id, title", "slug")],
    ],
    [
      "that sends it with other arguments",
      "{films{weight}}",
      /"weight" of a Film is something else/,
      [films('id _w:size(unit:"inch")'), fromB("id, _w as size", "weight")],
    ],
    [
      "that asks for an external field",
      "{films{title}}",
      /Film.title is none of the fields of b/,
      [films("id"), fromB("id", "title")],
    ],
    [
      "that gives a field other arguments than the operation",
      '{films{size(unit:"cm")}}',
      /"size" of a Film is something else/,
      [films('size(unit:"inch")')],
    ],
    [
      "that asks at the same time for what the other fetch needs",
      "{films{note}}",
      /Film.note is not fetched/,
      [{ kind: "parallel", nodes: [films("id"), fromB("id", "note")] }],
    ],
    [
      "with a fragment that cannot apply",
      "{films{id}}",
      /a fragment on Crew/,
      [films("id ...on Crew{label}")],
    ],
    [
      "with one name for fields that differ in nullability",
      "{label{label}}",
      /"label" is fields of different types/,
      [root("a", "{label{label ...on Film{label}}}")],
    ],
  ])("%s", (_what, text, why, nodes) => {
    expect(gap(text, ...nodes)).toMatch(why);
  });
});
