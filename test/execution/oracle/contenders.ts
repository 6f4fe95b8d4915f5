import { Kind, parse, type ExecutionResult } from "graphql";
import { createEngine } from "../../../gateway/generations/create-engine.ts";
import { createPlanner, PLANNERS } from "../../../gateway/execution/planner/planners.ts";
import type { Increment, Payload } from "../../../gateway/execution/payload.ts";
import type { ExecutionEngine, Operation } from "../../../gateway/execution/engine.ts";
import type { LoadedSupergraph } from "../../../gateway/supergraph/supergraph.ts";
import type { Caller, GraphQLEndpoint } from "../../../lib/graphql-endpoint.ts";
import { parseExact, stringifyExact } from "./json.ts";

/** An answer as a client reads it; what came in parts is put together. */
export interface Received {
  data?: unknown;
  errors?: { message: string; path?: (string | number)[] }[];
}

/** The gateway's way to execute an operation, with one planner. */
export interface Contender {
  name: string;
  /** Whether it plans as gateways do when nobody says otherwise. */
  isFirst: boolean;
  execute(operation: Operation): Promise<Received>;
  executeInParts(operation: Operation): Promise<Received>;
}

const caller: Caller = {
  identity: { subject: "ada", scopes: [], role: "admin", departments: [], tenant: "default" },
  correlationId: "oracle",
};

/** The native planner alone refuses some operations, in words of its own. */
const PLANNING_ALL = PLANNERS.filter((name) => name !== "native-only");

export function createContenders(
  supergraph: LoadedSupergraph,
  endpointOf: (name: string) => GraphQLEndpoint,
): Contender[] {
  return PLANNING_ALL.map((preferred) => {
    const planner = createPlanner({ supergraph, preferred });
    const engine = createEngine({ supergraph, endpointOf, planner });
    return { name: `${preferred} planner`, isFirst: preferred === PLANNING_ALL[0], ...asking(engine) };
  });
}

const asking = (engine: ExecutionEngine): Pick<Contender, "execute" | "executeInParts"> => ({
  execute: async (operation) => {
    const { data, errors } = await engine.executeText(operation, caller);
    return {
      ...(data !== undefined && { data: parseExact(data) }),
      ...(errors && { errors: JSON.parse(JSON.stringify(errors)) as NonNullable<Received["errors"]> }),
    };
  },
  executeInParts: async (operation) => {
    const payloads: (Payload | ExecutionResult)[] = [];
    await engine.executeInParts(operation, caller, (payload) => void payloads.push(payload));
    return putTogether(payloads.map((payload) => parseExact(stringifyExact(payload)) as Payload));
  },
});

/** What a client has when all parts have come. */
function putTogether([first, ...rest]: readonly Payload[]): Received {
  const { data, errors = [] } = first as Received;
  const all = [...errors];
  for (const payload of rest) {
    for (const { path, data: part, errors: more } of "incremental" in payload ? payload.incremental : []) {
      all.push(...((more ?? []) as unknown as typeof all));
      const target = path.reduce<unknown>((value, key) => Reflect.get(value as object, key), data);
      merge(target as Record<string, unknown>, part);
    }
  }
  return { data, ...(all.length > 0 && { errors: all }) };
}

function merge(target: Record<string, unknown>, source: Increment["data"]): void {
  for (const [key, value] of Object.entries(source ?? {})) {
    const held = target[key];
    const areObjects =
      typeof held === "object" && held !== null && typeof value === "object" && value !== null;
    if (areObjects) merge(held as Record<string, unknown>, value as Record<string, unknown>);
    else target[key] = value;
  }
}

export const operationOf = (query: string, variables: Readonly<Record<string, unknown>>): Operation => {
  const document = parse(query);
  const definition = document.definitions.find((each) => each.kind === Kind.OPERATION_DEFINITION);
  if (!definition) throw new Error("no operation");
  return { document, definition, variables };
};
