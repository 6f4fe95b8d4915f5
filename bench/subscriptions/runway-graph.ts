import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { parse, type GraphQLSchema } from "graphql";
import { createGraphQLEndpoint, type Caller, type GraphQLEndpoint } from "../../lib/graphql-endpoint.ts";
import { createLog } from "../../lib/log.ts";
import { scalars } from "../../lib/scalars.ts";
import { createTicker } from "../../test/subscriptions/support/ticker.ts";
import type { LiveGraph } from "./subgraphs.ts";

const SCHEMA = join(import.meta.dirname, "../../schema");
const read = (file: string) => readFileSync(join(SCHEMA, file), "utf8");

/** What the dashboard subscribes to on the page of a project: its budget, with the models it works on from the catalogue. */
export const RUNWAY_OPERATION = read("operations/budget-runway.graphql");

const PRODUCTS = 5;
const TENANT = "default";

/** The shipped supergraph over stand-ins of both subgraphs: PLMS tells budgets, the catalogue knows the names of models. */
export function createRunwayGraph(): LiveGraph {
  const ticker = createTicker();
  const plms = schemaOf("plms.graphql", {
    ...scalars,
    Subscription: {
      budgetRunway: {
        subscribe: (_: unknown, { projectId }: { projectId: string }) => ticker.watch(projectId, TENANT),
        resolve: ({ topic, number, at }: { topic: string; number: number; at: number }) =>
          runwayOf(topic, number, new Date(at)),
      },
    },
  });
  const { USD: _usd, ...catalogScalars } = scalars;
  const catalog = schemaOf("catalog.graphql", {
    ...catalogScalars,
    Model: { __resolveReference: ({ id }: { id: string }) => ({ id, name: nameOf(id) }) },
  });
  return {
    sdl: read("supergraph.graphql"),
    schemas: new Map([
      ["plms", plms],
      ["catalog", catalog],
    ]),
    endpoints: new Map([
      ["plms", endpointOf(plms)],
      ["catalog", endpointOf(catalog)],
    ]),
    emit: (topic) => void ticker.emit(topic, TENANT),
  };
}

const nameOf = (modelId: string) => `Model of ${modelId}`;

const interval = (middle: number) => ({ low: middle * 0.9, high: middle * 1.1, level: 0.95 });

/** A budget as the operation asks for it, field by field in its order. */
export function runwayOf(projectId: string, number: number, asOf: Date) {
  const spent = 1_000 + number;
  return {
    asOf,
    version: String(number),
    status: "WARNING",
    reason: null,
    warnings: ["METHODS_DISAGREE"],
    minutesToDepletion: 412.5,
    depletionInterval: interval(400),
    minutesToCompletion: 480.25,
    reliability: "HIGH",
    projectedCostUsd: 5_400.25,
    projectedCostInterval: interval(5_400),
    projectedOverrunUsd: 400.25,
    overrunProbability: 0.71,
    advice: {
      cause: "MONEY_ENDS_FIRST",
      sentence:
        "The budget is used up before the work is done: raise it by 450 dollars, pause the run or cancel it.",
      moneyEndsAt: new Date(asOf.getTime() + 24_750_000),
      workEndsAt: new Date(asOf.getTime() + 28_815_000),
      raiseByUsd: 450,
      remedies: ["RAISE_BUDGET", "PAUSE", "CANCEL"],
    },
    budget: {
      usdMax: 5_000,
      usdSpent: spent,
      usdCommitted: 120.5,
      burnPerMin: 9.75,
      burnInterval: interval(10),
    },
    project: {
      id: projectId,
      name: "Paint line 4",
      products: Array.from({ length: PRODUCTS }, (_, index) => {
        const id = `8d7f2c1e-0000-4000-8000-00000000000${index}`;
        return { model: { id, name: nameOf(id) } };
      }),
    },
  };
}

const schemaOf = (file: string, resolvers: object): GraphQLSchema =>
  buildSubgraphSchema([{ typeDefs: parse(read(file)), resolvers: resolvers as never }]);

const endpointOf = (schema: GraphQLSchema): GraphQLEndpoint =>
  createGraphQLEndpoint({
    schema,
    log: createLog({ name: "stand-in", level: "silent" }),
    createContext: (caller: Caller) => ({ caller }),
  });
