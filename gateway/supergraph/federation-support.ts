import { GraphQLError, Kind, type ASTNode, type ConstDirectiveNode, type DocumentNode } from "graphql";
import { argumentsOf, linkedFeatures, namesOfDirective } from "../../lib/linked-features.ts";
import { EVENT_STREAM_SPEC } from "./streams/event-streams.ts";

/**
 * What becomes of a feature of schemas.
 *
 * - `works`: as its specification says
 * - `composition`: it has done all it does when the supergraph is composed
 * - `passed over`: it loads, has no effect here, and that is logged by coordinate
 * - `refused`: the supergraph, or the request, is refused by name
 */
type Support = "works" | "composition" | "passed over" | "refused";

/** Every directive of federation up to 2.14, and what else people look for; the documentation is written from it. */
export const FEDERATION_SUPPORT: Readonly<Record<string, { support: Support; note: string }>> = {
  "@link": { support: "composition", note: "renamed imports are understood" },
  "@key": { support: "works", note: "several, compound, nested, not resolvable" },
  "@extends": { support: "composition", note: "" },
  "@external": { support: "works", note: "" },
  "@requires": { support: "works", note: "with arguments inside the field set, too" },
  "@provides": { support: "works", note: "" },
  "@shareable": { support: "works", note: "" },
  "@inaccessible": { support: "works", note: "" },
  "@override": { support: "works", note: "with labels and percentages, too: `OVERRIDE_LABELS`" },
  "@interfaceObject": { support: "works", note: "with a key that cannot be resolved, too" },
  "@tag": { support: "composition", note: "contracts are made from it before" },
  "@composeDirective": {
    support: "passed over",
    note: "the directives that it composes mean nothing to the gateway, but `@eventStream`",
  },
  "@eventStream": {
    support: "works",
    note: "of `https://lifecycle-gateway.dev/eventStream/v0.1`: see [event streams](event-streams.md)",
  },
  "@authenticated": { support: "works", note: "for every event, too" },
  "@requiresScopes": { support: "works", note: "for every event, too" },
  "@policy": { support: "refused", note: "nothing here could decide a policy; use `@requiresScopes`" },
  "@context": { support: "works", note: "" },
  "@fromContext": { support: "works", note: "each different value is a request of its own" },
  "@cost": { support: "works", note: "of `COST_MAX`" },
  "@listSize": { support: "works", note: "of `COST_MAX`" },
  "@connect": { support: "refused", note: "connectors; put a subgraph in front of the REST service" },
  "@source": { support: "refused", note: "connectors; put a subgraph in front of the REST service" },
  "@cacheTag": { support: "passed over", note: "answers of subgraphs are not kept" },
  "@oneOf": {
    support: "passed over",
    note: "the subgraph checks it; composition of 2.14 does not take it, other composers do",
  },
  "@defer": { support: "works", note: "in operations" },
  "@stream": { support: "refused", note: "in operations, as an unknown directive" },
  "scalar Upload": {
    support: "passed over",
    note: "bodies of `multipart/form-data` are refused; upload to a store and pass the address",
  },
  "batches of operations": { support: "refused", note: "a body that is a list gets 400" },
};

/** What a supergraph uses, and where. */
interface Use {
  coordinate: string;
  directives: readonly ConstDirectiveNode[];
  node: ASTNode;
}

/**
 * Finds what is not supported, by feature and coordinate.
 *
 * @returns sentences for what is passed over
 * @throws GraphQLError for what the gateway cannot do without being wrong
 * @example unsupportedIn(supergraph) // ["@cacheTag at Product (PRODUCTS) is passed over: answers of subgraphs are not kept"]
 */
export function unsupportedIn(supergraph: DocumentNode): string[] {
  const found = findingsIn(supergraph);
  const told = found.map(({ feature, where }) => {
    const { support = "refused", note = "" } = FEDERATION_SUPPORT[feature.replace(/\(.*/, "")] ?? {};
    return { isRefused: support === "refused", text: `${feature} at ${where} is ${support}: ${note}` };
  });
  const refused = told.filter(({ isRefused }) => isRefused);
  if (refused.length === 0) return told.map(({ text }) => text);
  throw new GraphQLError(
    `The supergraph uses what is not supported:\n${refused.map(({ text }) => text).join("\n")}`,
  );
}

interface Finding {
  feature: string;
  where: string;
}

function findingsIn(supergraph: DocumentNode): Finding[] {
  const joinDirective = namesOfDirective(supergraph, "join", "directive");
  const policy = namesOfDirective(supergraph, "policy", "policy");
  const own = linkedFeatures(supergraph).filter(
    ({ identity }) => !identity.startsWith("https://specs.apollo.dev/") && identity !== EVENT_STREAM_SPEC,
  );
  const findingOf = (directive: ConstDirectiveNode, coordinate: string): Finding[] => {
    const name = directive.name.value;
    const given = argumentsOf(directive);
    const graph = String((given["graphs"] as unknown[] | undefined)?.join(", ") ?? given["graph"]);
    if (policy.has(name)) return [{ feature: "@policy", where: coordinate }];
    if (name === "oneOf") return [{ feature: "@oneOf", where: coordinate }];
    if (own.some((feature) => feature.owns(name)))
      return [{ feature: `@composeDirective(name: "@${name}")`, where: coordinate }];
    if (!joinDirective.has(name) || given["name"] === "link") return [];
    return [{ feature: `@${String(given["name"]).replace(/^.*__/, "")}`, where: `${coordinate} (${graph})` }];
  };
  return usesIn(supergraph).flatMap(({ coordinate, directives, node }) => [
    ...directives.flatMap((directive) => findingOf(directive, coordinate)),
    ...("type" in node && namedTypeOf(node) === "Upload"
      ? [{ feature: "scalar Upload", where: coordinate }]
      : []),
  ]);
}

/** Everything in a schema that can carry a directive, by its coordinate. */
function usesIn(supergraph: DocumentNode): Use[] {
  const uses: Use[] = [];
  const add = (coordinate: string, node: ASTNode) => {
    const directives = "directives" in node ? ((node.directives ?? []) as readonly ConstDirectiveNode[]) : [];
    uses.push({ coordinate, directives, node });
  };
  for (const definition of supergraph.definitions) {
    const name = "name" in definition ? definition.name?.value : undefined;
    if (definition.kind === Kind.DIRECTIVE_DEFINITION) continue;
    add(name ?? "schema", definition);
    for (const value of "values" in definition ? (definition.values ?? []) : [])
      add(`${name}.${value.name.value}`, value);
    for (const field of "fields" in definition ? (definition.fields ?? []) : []) {
      const coordinate = `${name}.${field.name.value}`;
      add(coordinate, field);
      for (const argument of "arguments" in field ? (field.arguments ?? []) : [])
        add(`${coordinate}(${argument.name.value}:)`, argument);
    }
  }
  return uses;
}

function namedTypeOf(node: ASTNode): string | undefined {
  let type = "type" in node ? node.type : undefined;
  while (type && (type.kind === Kind.LIST_TYPE || type.kind === Kind.NON_NULL_TYPE)) type = type.type;
  return type?.kind === Kind.NAMED_TYPE ? type.name.value : undefined;
}
