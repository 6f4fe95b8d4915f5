import { getOperationAST, parse, validate, type ExecutionResult } from "graphql";
import { createCompiledEngine } from "../../../gateway/execution/compiled-engine.ts";
import type {
  EngineDependencies,
  ExecutionEngine,
  ExecutionPath,
} from "../../../gateway/execution/engine.ts";
import { createStockEngine } from "../../../gateway/execution/stock-engine.ts";
import { createGraphQLEndpoint, type Caller, type GraphQLEndpoint } from "../../../lib/graphql-endpoint.ts";
import { createLog } from "../../../lib/log.ts";
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
  stock: Outcome;
  /** Over subgraphs that answer in text. */
  text: Outcome;
  /** Over subgraphs in this process, which answer with objects. */
  objects: Outcome;
  /** The first time, before anything is compiled. */
  first: Outcome;
}

export interface Comparator {
  /** Undefined when the operation is not valid. */
  compare(
    operation: SampleOperation,
    fate: { behaviour: Behaviour; seed: string },
  ): Promise<Comparison | undefined>;
}

interface Contestant {
  engine: ExecutionEngine;
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
  const stock = contestant(loaded, createStockEngine, false);
  const text = contestant(loaded, createCompiledEngine, true);
  const objects = contestant(loaded, createCompiledEngine, false);
  const first = contestant(loaded, createPatientEngine, true);
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
        const result = await contestant.engine
          .execute({ document, definition, variables }, caller)
          .then(comparable, failed);
        return { result, ...seen };
      };
      return {
        stock: await run(stock),
        text: await run(text),
        objects: await run(objects),
        first: await run(first),
      };
    },
  };
}

const createPatientEngine = (dependencies: EngineDependencies) =>
  createCompiledEngine({ ...dependencies, compilesAtUse: Number.POSITIVE_INFINITY });

function contestant(
  supergraph: SampleSupergraph["loaded"],
  create: (dependencies: EngineDependencies) => ExecutionEngine,
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
  const engine = create({ supergraph, endpointOf, onPath: (path) => seen.paths.push(path) });
  return {
    engine,
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

const failed = (error: unknown) => ({ rejected: String(error) });
