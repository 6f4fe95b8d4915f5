import { buildSubgraphSchema } from "@apollo/subgraph";
import { execute, parse, validate, type ExecutionResult } from "graphql";
import { loadSupergraph } from "../../../gateway/supergraph/supergraph.ts";
import { CodedError } from "../../../lib/errors.ts";
import type { GraphQLEndpoint } from "../../../lib/graphql-endpoint.ts";
import { parseExact } from "../oracle/json.ts";
import { createContenders, operationOf, type Received } from "../oracle/contenders.ts";
import { composed } from "../../support/composed.ts";

const LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@requires", "@provides", "@external", "@shareable", "@override", "@inaccessible", "@interfaceObject"])\n';

type Resolvers = Readonly<Record<string, unknown>>;

/** A subgraph: its schema, and its resolvers or its answer to every request as text. */
export interface SmallSubgraph {
  sdl: string;
  resolvers?: Resolvers;
  answer?: (request: { query: string; variables: Readonly<Record<string, unknown>> }) => string;
}

export interface SmallGraph {
  /** What each planner's answers are, three times each; all have to be the same. */
  ask(query: string, variables?: Readonly<Record<string, unknown>>): Promise<Received>;
  /** The same in parts, put together. */
  askInParts(query: string, variables?: Readonly<Record<string, unknown>>): Promise<Received>;
  /** Takes a subgraph down, or up again. */
  down: Set<string>;
}

/** A federated graph for one test. Requests that a subgraph's schema does not allow fail like at any other server. */
export function smallGraph(subgraphs: Readonly<Record<string, SmallSubgraph>>): SmallGraph {
  const schemas = Object.entries(subgraphs).map(([name, { sdl }]) => [name, LINK + sdl] as const);
  const supergraphSdl = composed(Object.fromEntries(schemas), (name) => `http://${name}.invalid`);
  const down = new Set<string>();
  const endpoints = new Map(
    Object.entries(subgraphs).map(([name, each]) => [name, endpointFor(name, each, down)]),
  );
  const contenders = createContenders(loadSupergraph(supergraphSdl, new Date(0)), (name) => {
    const endpoint = endpoints.get(name);
    if (!endpoint) throw new Error(`There is no subgraph ${name}`);
    return endpoint;
  });
  const agreed = async (ask: (contender: (typeof contenders)[number]) => Promise<Received>) => {
    const answers: Received[] = [];
    for (const contender of contenders)
      for (let time = 0; time < 3; time++) answers.push(await ask(contender));
    const [first = {}] = answers;
    const others = answers.filter((answer) => text(answer) !== text(first));
    if (others.length > 0) throw new Error(`answers differ: ${[first, ...others].map(text).join("\n")}`);
    return first;
  };
  return {
    ask: (query, variables = {}) => agreed((contender) => contender.execute(operationOf(query, variables))),
    askInParts: (query, variables = {}) =>
      agreed((contender) => contender.executeInParts(operationOf(query, variables))),
    down,
  };
}

const text = (value: unknown): string =>
  JSON.stringify(value, (_key, each: unknown) => (typeof each === "bigint" ? String(each) : each));

function endpointFor(
  name: string,
  { sdl, resolvers = {}, answer }: SmallSubgraph,
  down: ReadonlySet<string>,
): GraphQLEndpoint {
  const schema = buildSubgraphSchema([{ typeDefs: parse(LINK + sdl), resolvers: resolvers as never }]);
  const respond = async (query: string, variables: Readonly<Record<string, unknown>>): Promise<string> => {
    if (down.has(name))
      throw new CodedError("SUBGRAPH_UNAVAILABLE", `The subgraph "${name}" cannot be reached`, {
        retryable: true,
      });
    const document = parse(query);
    const invalid = validate(schema, document);
    if (invalid.length > 0) return JSON.stringify({ errors: invalid });
    return (
      answer?.({ query, variables }) ??
      JSON.stringify(await execute({ schema, document, variableValues: variables }))
    );
  };
  return {
    execute: async ({ query, variables = {} }) =>
      JSON.parse(await respond(query, variables)) as ExecutionResult,
    exchange: async ({ body }) => {
      const { query, variables = {} } = parseExact(body) as {
        query: string;
        variables?: Record<string, unknown>;
      };
      return respond(query, variables);
    },
    subscribe: () => {
      throw new Error("No subscriptions here");
    },
  };
}
