import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { parse, type GraphQLSchema } from "graphql";
import { sql, type Kysely } from "kysely";
import type { Database } from "../../db/tables.ts";
import { guardSchema, requirementsOf } from "../../lib/authorization.ts";
import type { Clock } from "../../lib/clock.ts";
import { messageOf } from "../../lib/errors.ts";
import { createGraphQLEndpoint } from "../../lib/graphql-endpoint.ts";
import { createHttpServer } from "../../lib/http-server.ts";
import { createHub } from "../../lib/hub.ts";
import type { Log } from "../../lib/log.ts";
import type { Subgraph } from "../../lib/subgraph.ts";
import { serveSubgraph } from "../../lib/subgraph-server.ts";
import { createCache } from "./adapters/cache.ts";
import { createMemoryStore, createRedisStore, type CacheStore } from "./adapters/cache-store.ts";
import { createCircuitBreaker } from "./adapters/circuit-breaker.ts";
import { createCircuitHistory } from "./adapters/circuit-history.ts";
import { createCatalogMetrics, observePlmSource, type CatalogMetrics } from "./adapters/metrics.ts";
import { createMrpProducts } from "./adapters/mrp-products.ts";
import { createPoller } from "./adapters/poller.ts";
import { createPlmClient } from "./adapters/plm/client.ts";
import { guardPlmSource, judgePlmFailure } from "./adapters/plm/guarded-source.ts";
import type { CatalogConfig } from "./config.ts";
import { createContext, type ContextPorts } from "./context.ts";
import { PLM_CIRCUIT } from "./operations/circuits.ts";
import type { CachedCatalogue, Circuits, CircuitSnapshot, PlmSource } from "./operations/ports.ts";
import { readCatalogue, refreshCatalogue, type CatalogueSources } from "./operations/read-catalogue.ts";
import { resolvers } from "./resolvers/index.ts";

export interface CatalogDeps {
  /** Stays open when the subgraph closes. */
  db: Kysely<Database>;
  clock: Clock;
  log: Log;
}

/** The catalogue subgraph, wired: its endpoint answers at once, HTTP after `listen`. */
export async function createCatalogSubgraph(config: CatalogConfig, deps: CatalogDeps): Promise<Subgraph> {
  const { db, log } = deps;
  // The PLM is no reason to be unready: the catalogue is there to answer without it.
  const http = createHttpServer({ log, readiness: async () => ({ database: await problemOf(db) }) });
  const metrics = createCatalogMetrics(http.metrics, [PLM_CIRCUIT]);
  const plm = createPlmSide(config, { ...deps, metrics });
  const ports: ContextPorts = {
    circuits: plm.circuits,
    readCatalogue: async (request) => {
      const reading = await readCatalogue(plm.sources, request);
      metrics.catalogueRead(reading.provenance.PLM);
      return reading;
    },
  };
  const schema = loadSchema();
  const endpoint = createGraphQLEndpoint({
    schema,
    createContext: (caller) => createContext(ports, caller),
    log,
  });
  serveSubgraph(http.app, { endpoint, schema, gatewaySecret: config.gatewaySecret });
  return {
    endpoint,
    listen: () => http.listen(config.address),
    close: async () => {
      await http.close();
      await plm.close();
    },
  };
}

interface PlmSide {
  sources: CatalogueSources;
  circuits: Circuits;
  close(): Promise<void>;
}

type PlmSideDeps = CatalogDeps & { metrics: CatalogMetrics };

/** The PLM with everything that shields us from it. */
function createPlmSide({ plm, redisUrl }: CatalogConfig, deps: PlmSideDeps): PlmSide {
  const { clock, log } = deps;
  const mrp = createMrpProducts(deps.db);
  const client = plm.connection && createPlmClient(plm.connection, { clock, random: Math.random });
  const source = client && observePlmSource(client, deps);
  const { breaker, circuits, close } = createPlmCircuit(plm.circuit, { ...deps, source });
  const store = plm.cache.enabled ? createStore(redisUrl, log) : undefined;
  const cache = createCache<CachedCatalogue>(plm.cache, { store, clock, random: Math.random, log });
  const { fallbackEnabled } = plm;
  const sources: CatalogueSources = source
    ? { mode: "enabled", plm: guardPlmSource(source, breaker), mrp, cache, fallbackEnabled, clock }
    : { mode: "disabled", mrp, clock };
  const poller = createPoller({
    intervalMs: plm.pollMs,
    poll: () => refreshCatalogue(sources, { correlationId: randomUUID() }),
    onError: (error) => log.error({ err: error }, "the catalogue could not be refreshed"),
  });
  return {
    circuits,
    sources,
    close: async () => {
      poller.close();
      await close();
      await Promise.all([client?.close(), store?.close()]);
    },
  };
}

const PROBES = 3;
const OPEN_MAX_MS = 120_000;

interface PlmCircuitDeps extends PlmSideDeps {
  source: PlmSource | undefined;
}

/** The circuit breaker before the PLM, its history and those who watch it. */
function createPlmCircuit(rules: CatalogConfig["plm"]["circuit"], deps: PlmCircuitDeps) {
  const { db, clock, log, metrics, source } = deps;
  const history = createCircuitHistory(db, { log });
  const breaker = createCircuitBreaker(
    {
      name: PLM_CIRCUIT,
      rules: { ...rules, openMaxMs: Math.max(rules.openMs, OPEN_MAX_MS), probes: PROBES },
    },
    {
      clock,
      log,
      random: Math.random,
      judge: judgePlmFailure,
      probe: async () => source?.readCatalogue({ correlationId: randomUUID() }),
      onTransition: (transition) => {
        log.warn(transition, "the circuit changed its state");
        metrics.circuitChanged(transition);
        // Watchers read the history too, so they are told when it is written.
        void history.record(transition).then(() => hub.changed(transition.circuit));
      },
    },
  );
  const snapshot = (name: string) => (name === PLM_CIRCUIT ? breaker.snapshot() : undefined);
  const hub = createHub<CircuitSnapshot>({
    load: async (name) => snapshot(name),
    onError: (error, name) => log.error({ err: error, circuit: name }, "the circuit cannot be read"),
  });
  const circuits: Circuits = { names: [PLM_CIRCUIT], snapshot, watch: (name) => hub.watch(name), history };
  const close = async () => {
    breaker.close();
    hub.close();
    await history.close();
  };
  return { breaker, circuits, close };
}

const createStore = (redisUrl: string | undefined, log: Log): CacheStore =>
  redisUrl === undefined ? createMemoryStore() : createRedisStore({ url: redisUrl }, { log });

function loadSchema(): GraphQLSchema {
  const typeDefs = parse(readFileSync(new URL("../../schema/catalog.graphql", import.meta.url), "utf8"));
  return guardSchema(buildSubgraphSchema([{ typeDefs, resolvers }]), requirementsOf(typeDefs));
}

async function problemOf(db: Kysely<Database>): Promise<string | null> {
  try {
    await sql`select 1`.execute(db);
    return null;
  } catch (error) {
    return messageOf(error);
  }
}
