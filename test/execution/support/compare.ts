import { isDeepStrictEqual } from "node:util";
import { getOperationAST, parse, validate, type ExecutionResult } from "graphql";
import { createEngine } from "../../../gateway/generations/create-engine.ts";
import type { ExecutionPath, Operation } from "../../../gateway/execution/engine.ts";
import { createPlanner, type PLANNERS } from "../../../gateway/execution/planner/planners.ts";
import { createGraphQLEndpoint, type Caller, type GraphQLEndpoint } from "../../../lib/graphql-endpoint.ts";
import { createLog } from "../../../lib/log.ts";
import { createStock } from "./stock.ts";
import { misbehaving, type Behaviour } from "./misbehaviour.ts";
import type { SampleOperation } from "./operations.ts";
import type { SampleSupergraph } from "./supergraph.ts";
import { unordered } from "./unordered.ts";

const log = createLog({ name: "differential", level: "silent" });
const caller: Caller = {
  identity: { subject: "ada", scopes: [], role: "admin", departments: [], tenant: "default" },
  correlationId: "differential",
};

/** What one engine made of an operation. */
interface Outcome {
  result: unknown;
  paths: ExecutionPath[];
  /** Everything that was sent to subgraphs, one text per request. */
  sent: string[];
}

interface Comparison {
  /** Apollo's planner and executor. */
  stock: Outcome;
  /** Over subgraphs that answer in text. */
  text: Outcome;
  /** Over subgraphs in this process, which answer with objects. */
  objects: Outcome;
  /** The same with Apollo's planner. */
  otherPlanner: Outcome;
}

export interface Comparator {
  /** Undefined when the operation is not valid. */
  compare(
    operation: SampleOperation,
    fate: { behaviour: Behaviour; seed: string },
  ): Promise<Comparison | undefined>;
}

interface Contestant {
  execute(operation: Operation, caller: Caller): Promise<ExecutionResult>;
  use(endpoints: ReadonlyMap<string, GraphQLEndpoint>): { paths: ExecutionPath[]; sent: string[] };
}

/** Runs operations of one supergraph through Apollo's executor and ours, over the same subgraphs. */
export function createComparator({ loaded, schemas }: SampleSupergraph): Comparator {
  const honest = new Map(
    [...schemas].map(([name, schema]) => [
      name,
      createGraphQLEndpoint({ schema, log, createContext: () => ({ caller }) }),
    ]),
  );
  const ours =
    (preferred: (typeof PLANNERS)[number]) =>
    (
      endpointOf: (name: string) => GraphQLEndpoint,
      onPath: (path: ExecutionPath) => void,
    ): Contestant["execute"] => {
      const planner = createPlanner({ supergraph: loaded, preferred });
      const engine = createEngine({ supergraph: loaded, endpointOf, onPath, planner });
      return (operation, asking) => engine.execute(operation, asking);
    };
  const stock = contestant((endpointOf) => createStock(loaded, endpointOf), false);
  const text = contestant(ours("native"), true);
  const objects = contestant(ours("native"), false);
  const otherPlanner = contestant(ours("apollo"), true);
  return {
    compare: async ({ query, variables }, fate) => {
      const document = parse(query);
      const definition = getOperationAST(document);
      if (!definition || validate(loaded.apiSchema, document).length > 0) return undefined;
      const endpoints = new Map(
        [...honest].map(([name, endpoint]) => [name, misbehaving(endpoint, { name, ...fate })]),
      );
      const run = async (contestant: Contestant): Promise<Outcome> => {
        const seen = contestant.use(endpoints);
        const result = await contestant
          .execute({ document, definition, variables }, caller)
          .then(comparable, failed);
        return { result, ...seen };
      };
      return {
        stock: await run(stock),
        text: await run(text),
        objects: await run(objects),
        otherPlanner: await run(otherPlanner),
      };
    },
  };
}

function contestant(
  create: (
    endpointOf: (name: string) => GraphQLEndpoint,
    onPath: (path: ExecutionPath) => void,
  ) => Contestant["execute"],
  inText: boolean,
): Contestant {
  let endpoints: ReadonlyMap<string, GraphQLEndpoint> = new Map();
  let seen: { paths: ExecutionPath[]; sent: string[] } = { paths: [], sent: [] };
  const endpointOf = (name: string): GraphQLEndpoint => {
    const endpoint = endpoints.get(name);
    if (!endpoint) throw new Error(`no subgraph ${name}`);
    const execute: GraphQLEndpoint["execute"] = async (request) => {
      seen.sent.push(JSON.stringify([name, unordered(request.query), request.variables]));
      return endpoint.execute(request);
    };
    const exchange: GraphQLEndpoint["exchange"] = async ({ body, caller: asking }) =>
      JSON.stringify(await execute({ ...JSON.parse(body), caller: asking }));
    return inText ? { ...endpoint, execute, exchange } : { ...endpoint, execute };
  };
  return {
    execute: create(endpointOf, (path) => seen.paths.push(path)),
    use: (next) => {
      endpoints = next;
      seen = { paths: [], sent: [] };
      return seen;
    },
  };
}

/** A result as a client would read it; errors of parallel fetches have no order. */
function comparable(result: ExecutionResult): unknown {
  const { errors, ...rest } = JSON.parse(JSON.stringify(result)) as { errors?: unknown[] };
  return { ...rest, ...(errors && { errors: errors.map((error) => JSON.stringify(error)).sort() }) };
}

/** Where Apollo's executor loses values without an error: beside conditions on what requires others, and interface objects. */
const LOSING = /^interface objects |@(?:skip|include)\b/;

/** Whether data is what Apollo's executor has, but for values that it lost; the oracle says what one server answers there. */
function agrees(data: unknown, reference: unknown): boolean {
  if (reference === null) return true;
  if (typeof data !== "object" || data === null || typeof reference !== "object")
    return isDeepStrictEqual(data, reference);
  if (Array.isArray(data) !== Array.isArray(reference)) return false;
  const [own, other] = [data, reference].map((each) => each as Record<string, unknown>);
  const names = Object.keys(own ?? {});
  return (
    isDeepStrictEqual(new Set(names), new Set(Object.keys(other ?? {}))) &&
    names.every((name) => agrees(own?.[name], other?.[name]))
  );
}

const failed = (error: unknown) => ({ rejected: String(error) });

/**
 * What is wrong with an outcome: an answer that is not Apollo's where that is clean, a rejection, a question that is asked
 * twice, a `data: null` without an error.
 */
export function problemsOf(
  context: string,
  behaviour: Behaviour,
  { stock, ...others }: Comparison,
): unknown[] {
  const reference = stock.result as ExecutionResult;
  // What the others are told wrong follows from what they are asked, and the planners ask otherwise.
  const isHonest = behaviour === "healthy" || behaviour === "slow";
  return Object.entries(others).flatMap(([who, { result, sent }]) => {
    const { data, errors = [] } = result as { data?: unknown; errors?: string[] };
    const problems: string[] = [];
    const isSame = LOSING.test(context) ? agrees : isDeepStrictEqual;
    if ((data === null || data === undefined) && errors.length === 0) problems.push("null without an error");
    if (isHonest && !reference.errors && !isSame(data, reference.data))
      problems.push("other data than stock");
    if (new Set(sent).size !== sent.length) problems.push("asks twice");
    return problems.length > 0 ? [{ context, who, problems, result, reference }] : [];
  });
}
