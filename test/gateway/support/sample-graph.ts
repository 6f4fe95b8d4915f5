import { readFileSync } from "node:fs";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { parse, type GraphQLSchema } from "graphql";
import { EDGE_URL } from "../../../gateway/edge/edge-subgraph.ts";
import { guardSchema, requirementsOf } from "../../../lib/authorization.ts";
import { CodedError } from "../../../lib/errors.ts";
import { createGraphQLEndpoint, type Caller, type GraphQLEndpoint } from "../../../lib/graphql-endpoint.ts";
import { createHub, type Hub } from "../../../lib/hub.ts";
import { createLog } from "../../../lib/log.ts";
import { composed } from "../../support/composed.ts";

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@requiresScopes", "@authenticated"])`;

const FLEET = `${LINK}
  type Query {
    boat(id: ID!): Boat
    boats(first: Int): [Boat!]!
    secretPlan: String @requiresScopes(scopes: [["plans.view"]])
    whoAmI: String!
    broken: String
    refused: String
  }
  type Mutation {
    rename(id: ID!, name: String!): Boat! @authenticated
    launch(id: ID!, idempotencyKey: String!): Boat! @authenticated
  }
  type Subscription { boatMoved(id: ID!): Boat! }
  type Boat @key(fields: "id") {
    id: ID! name: String! miles: Int! hull: Hull! sister: Boat
    speed: Int! @deprecated(reason: "Use miles; gone after 2027-03-31.")
  }
  type Hull @key(fields: "code", resolvable: false) { code: ID! }
`;

const YARD = `${LINK}
  type Query { hull(code: ID!): Hull }
  type Hull @key(fields: "code") { code: ID! material: String! weightKg: Float }
`;

export interface SampleGraph {
  sdl: string;
  schemas: ReadonlyMap<string, GraphQLSchema>;
  endpoints: ReadonlyMap<string, GraphQLEndpoint>;
  moveBoat(id: string): void;
  /** Representations that the yard was asked for, one list per `_entities` call. */
  hullBatches: string[][];
  hub: Hub<{ id: string; name: string; miles: number }>;
}

const EDGE = readFileSync(new URL("../../../schema/edge.graphql", import.meta.url), "utf8");

const log = createLog({ name: "sample", level: "silent" });

interface SampleContext {
  caller: Caller;
  extensions: Record<string, unknown>;
}

/** Two small subgraphs in this process, boats that move and the yard that knows their hulls; and the gateway's own. */
export function createSampleGraph(): SampleGraph {
  const boats = new Map(
    ["b1", "b2"].map((id) => [id, { id, name: `Boat ${id}`, miles: 0, hull: { code: `h-${id}` } }]),
  );
  const hub = createHub({ load: async (id) => boats.get(id), onError: () => {} });
  const hullBatches: string[][] = [];
  const launches = new Set<unknown>();
  const fleetSchema = schemaOf(FLEET, {
    Query: {
      boat: (_: unknown, { id }: { id: string }) => boats.get(id),
      boats: (_: unknown, { first }: { first?: number }) => [...boats.values()].slice(0, first),
      secretPlan: () => "sail at dawn",
      whoAmI: (_: unknown, _args: unknown, { caller }: { caller: Caller }) =>
        `${caller.identity.subject} ${caller.correlationId}`,
      broken: () => {
        throw new Error("password is hunter2");
      },
      refused: () => {
        throw new CodedError("CONFLICT", "The boat is at sea", { retryable: true });
      },
    },
    Mutation: {
      rename: (_: unknown, { id, name }: { id: string; name: string }) =>
        Object.assign(boats.get(id) ?? {}, { name }),
      launch: (
        _: unknown,
        { id, idempotencyKey: key }: Record<string, string>,
        { extensions }: SampleContext,
      ) => {
        extensions["idempotency"] = {
          key,
          replayed: launches.has(key),
          expiresAt: "2030-01-01T00:00:00.000Z",
        };
        launches.add(key);
        return boats.get(id ?? "");
      },
    },
    Boat: { speed: () => 0, __resolveReference: ({ id }: { id: string }) => boats.get(id) },
    Subscription: {
      boatMoved: {
        subscribe: (_: unknown, { id }: { id: string }) => {
          if (!boats.has(id)) throw new CodedError("NOT_FOUND", `Boat "${id}" does not exist`);
          return hub.watch(id);
        },
        resolve: (boat: unknown) => boat,
      },
    },
  });
  const yardSchema = schemaOf(YARD, {
    Query: { hull: (_: unknown, { code }: { code: string }) => hullOf(code) },
    Hull: { __resolveReference: ({ code }: { code: string }) => hullOf(code) },
  });
  const [fleet, yard] = [endpoint(fleetSchema), endpoint(yardSchema)];
  const counted: GraphQLEndpoint = {
    ...yard,
    execute: (request) => {
      const lists = Object.values(request.variables ?? {}).filter((value) => Array.isArray(value));
      for (const list of lists as { code: string }[][]) hullBatches.push(list.map(({ code }) => code));
      return yard.execute(request);
    },
  };
  return {
    sdl: SDL,
    schemas: new Map([
      ["fleet", fleetSchema],
      ["yard", yardSchema],
    ]),
    endpoints: new Map([
      ["fleet", fleet],
      ["yard", counted],
    ]),
    moveBoat: (id) => {
      const boat = boats.get(id);
      if (boat) boats.set(id, { ...boat, miles: boat.miles + 1 });
      hub.changed(id);
    },
    hullBatches,
    hub,
  };
}

const hullOf = (code: string) =>
  code.startsWith("h-") ? { code, material: "aluminium", weightKg: 812.5 } : null;

function schemaOf(sdl: string, resolvers: object): GraphQLSchema {
  const typeDefs = parse(sdl);
  return guardSchema(
    buildSubgraphSchema([{ typeDefs, resolvers: resolvers as never }]),
    requirementsOf(typeDefs),
  );
}

const endpoint = (schema: GraphQLSchema): GraphQLEndpoint =>
  createGraphQLEndpoint<SampleContext>({
    schema,
    log,
    createContext: (caller) => ({ caller, extensions: {} }),
    extensionsOf: ({ extensions }) => extensions,
  });

const SDL = composed({ fleet: FLEET, yard: YARD, edge: EDGE }, (name) =>
  name === "edge" ? EDGE_URL : `http://127.0.0.1:1/${name}`,
);
