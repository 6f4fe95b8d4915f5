import { buildSubgraphSchema } from "@apollo/subgraph";
import { parse, type GraphQLSchema } from "graphql";
import { guardSchema, requirementsOf } from "../../../lib/authorization.ts";
import { CodedError } from "../../../lib/errors.ts";
import { createGraphQLEndpoint, type Caller, type GraphQLEndpoint } from "../../../lib/graphql-endpoint.ts";
import { createLog } from "../../../lib/log.ts";
import { createTicker, type Tick } from "./ticker.ts";
import { composed } from "../../support/composed.ts";

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@requiresScopes", "@authenticated"])`;

const TICKER = `${LINK}
  type Query { number(topic: ID!): Int! slow: String! fails: String }
  type Mutation { touch: Boolean! }
  type Subscription {
    tick(topic: ID!, size: Int = 0): Tick!
    plain(topic: ID!): PlainTick!
    gauge(topic: ID!): PlainTick!
    happened(topic: ID!): PlainTick!
    thing(topic: ID!): Thing!
    secret: Tick! @requiresScopes(scopes: [["ticks.view"]])
    whoAmI: Viewer!
    breaks: Tick!
    throws: Tick!
  }
  interface Thing { number: Int! }
  type Tick implements Thing @key(fields: "topic") { topic: ID! number: Int! at: Float! version: String! tenant: String! padding: String! place: Place! }
  type PlainTick implements Thing { number: Int! topic: ID! place: Place! }
  type Viewer { subject: String! tenant: String! }
  type Place @key(fields: "code", resolvable: false) { code: ID! }
`;

const PLACES = `${LINK}
  type Query { place(code: ID!): Place }
  type Place @key(fields: "code") { code: ID! name: String! height: Int broken: String }
  type Tick @key(fields: "topic") { topic: ID! remarks(first: Int): [Remark!]! }
  union Remark = Note | Warning
  type Note { text: String! }
  type Warning { text: String! level: Int! }
`;

const SDL = composed({ ticker: TICKER, places: PLACES });

export interface TickerGraph {
  sdl: string;
  schemas: ReadonlyMap<string, GraphQLSchema>;
  endpoints: ReadonlyMap<string, GraphQLEndpoint>;
  /** The next number of a topic, for one tenant. */
  emit(topic: string, tenant?: string): number;
  /** Streams that somebody listens to right now. */
  readonly openStreams: number;
  /** Streams that were ever opened. */
  readonly openedStreams: number;
  /** `_entities` requests so far. */
  readonly entityRequests: number;
}

const log = createLog({ name: "ticker", level: "silent" });

/** Two subgraphs for streams: numbered ticks, and places and remarks that belong to them. */
export function createTickerGraph(): TickerGraph {
  const ticker = createTicker();
  let entityRequests = 0;
  const stream = (pick: (args: { topic: string }) => string) => ({
    subscribe: (_: unknown, args: { topic: string }, { caller }: { caller: Caller }) =>
      ticker.watch(pick(args), caller.identity.tenant),
    resolve: (tick: Tick, { size = 0 }: { size?: number }) => ({ ...tick, padding: "x".repeat(size) }),
  });
  const byTopic = stream(({ topic }) => topic);
  const tickerSchema = schemaOf(TICKER, {
    Query: {
      number: (_: unknown, { topic }: { topic: string }) => ticker.emit(topic, "default"),
      slow: () => new Promise((resolve) => setTimeout(() => resolve("done"), 150)),
      fails: () => {
        throw new Error("password is hunter2");
      },
    },
    Mutation: { touch: () => true },
    Subscription: {
      tick: byTopic,
      plain: byTopic,
      gauge: byTopic,
      happened: byTopic,
      thing: byTopic,
      secret: stream(() => "secret"),
      whoAmI: {
        subscribe: (_: unknown, _args: unknown, { caller }: { caller: Caller }) => once(caller.identity),
        resolve: (viewer: unknown) => viewer,
      },
      breaks: {
        subscribe: () => {
          throw new CodedError("NOT_FOUND", "There is no such stream");
        },
      },
      throws: { subscribe: () => failing() },
    },
    Thing: { __resolveType: () => "Tick" },
  });
  const places = schemaOf(PLACES, {
    Place: {
      __resolveReference: ({ code }: { code: string }) => ({ code, name: `Place ${code}`, height: 7 }),
      broken: () => {
        throw new CodedError("CONFLICT", "The place is under repair");
      },
    },
    Tick: {
      __resolveReference: ({ topic }: { topic: string }) => ({ topic }),
      remarks: ({ topic }: { topic: string }) => [
        { __typename: "Note", text: `note ${topic}` },
        { __typename: "Warning", text: `warning ${topic}`, level: 2 },
      ],
    },
  });
  const [first, second] = [endpoint(tickerSchema), endpoint(places)];
  const counted: GraphQLEndpoint = {
    ...second,
    execute: (request) => {
      entityRequests += 1;
      return second.execute(request);
    },
  };
  return {
    sdl: SDL,
    schemas: new Map([
      ["ticker", tickerSchema],
      ["places", places],
    ]),
    endpoints: new Map([
      ["ticker", first],
      ["places", counted],
    ]),
    emit: (topic, tenant = "default") => ticker.emit(topic, tenant),
    get openStreams() {
      return ticker.openStreams;
    },
    get openedStreams() {
      return ticker.openedStreams;
    },
    get entityRequests() {
      return entityRequests;
    },
  };
}

function failing(): AsyncIterableIterator<Tick> {
  const stream: AsyncIterableIterator<Tick> = {
    next: () => Promise.reject(new Error("password is hunter2")),
    [Symbol.asyncIterator]: () => stream,
  };
  return stream;
}

async function* once<T>(value: T) {
  yield value;
}

function schemaOf(sdl: string, resolvers: object): GraphQLSchema {
  const typeDefs = parse(sdl);
  return guardSchema(
    buildSubgraphSchema([{ typeDefs, resolvers: resolvers as never }]),
    requirementsOf(typeDefs),
  );
}

const endpoint = (schema: GraphQLSchema): GraphQLEndpoint =>
  createGraphQLEndpoint({ schema, log, createContext: (caller: Caller) => ({ caller }) });
