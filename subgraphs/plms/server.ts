import { createHash, randomInt } from "node:crypto";
import { sql, type Kysely } from "kysely";
import type { Notifications } from "../../db/notifications.ts";
import type { Database } from "../../db/tables.ts";
import type { Clock } from "../../lib/clock.ts";
import { messageOf } from "../../lib/errors.ts";
import { createGraphQLEndpoint } from "../../lib/graphql-endpoint.ts";
import { createHttpServer, type Readiness } from "../../lib/http-server.ts";
import type { Log } from "../../lib/log.ts";
import type { Subgraph } from "../../lib/subgraph.ts";
import { serveSubgraph } from "../../lib/subgraph-server.ts";
import { createInbox } from "./adapters/inbox.ts";
import { createMeter } from "./adapters/metrics.ts";
import { createPasClient, type PasClient } from "./adapters/pas-client.ts";
import { createProjectStore } from "./adapters/project-store.ts";
import { createRunStore } from "./adapters/run-store.ts";
import { createStartStore } from "./adapters/start-store.ts";
import { serveWebhooks } from "./adapters/webhooks.ts";
import type { PlmsConfig } from "./config.ts";
import { createContext } from "./context.ts";
import { createLive } from "./live.ts";
import type { Meter, Ports } from "./operations/ports.ts";
import { recordCompletion } from "./operations/record-completion.ts";
import { recordReceipts } from "./operations/record-receipts.ts";
import { loadSchema } from "./schema.ts";

export interface PlmsDeps {
  /** Stays open when the subgraph closes, like `notifications`. */
  db: Kysely<Database>;
  notifications: Notifications;
  clock: Clock;
  log: Log;
}

/** A lease outlives the executor's deadline by this much, so that two callers never submit the same run. */
const LEASE_MARGIN_MS = 5_000;
const SEEDS = 2 ** 31;

/** The PLMS subgraph, wired: resolves once it hears of changes, and serves HTTP after `listen`. */
export async function createPlmsSubgraph(config: PlmsConfig, deps: PlmsDeps): Promise<Subgraph> {
  const { db, clock, log } = deps;
  const server = createHttpServer({ log, readiness: () => readinessOf(db) });
  const executor = createPasClient(config.pas);
  const ports = wire(config, deps, { executor, meter: createMeter(server.metrics) });
  const live = await createLive({ ...deps, ports, refreshMs: config.runwayRefreshMs });
  const schema = loadSchema();
  const endpoint = createGraphQLEndpoint({
    schema,
    createContext: (caller) => createContext({ ports, live }, caller),
    log,
  });
  serveSubgraph(server.app, { endpoint, schema, gatewaySecret: config.gatewaySecret });
  serveWebhooks(server.app, {
    secrets: config.webhookSecrets,
    clock,
    onReceipts: (message) => recordReceipts(ports, message),
    onCompletion: (message) => recordCompletion(ports, message),
  });
  return {
    endpoint,
    listen: () => server.listen(config.address),
    close: async () => {
      await live.close();
      await server.close();
      await executor.close();
    },
  };
}

function wire(config: PlmsConfig, deps: PlmsDeps, parts: { executor: PasClient; meter: Meter }): Ports {
  return {
    projects: createProjectStore(deps.db),
    runs: createRunStore(deps.db),
    starts: createStartStore(deps.db),
    inbox: createInbox(deps.db),
    clock: deps.clock,
    ...parts,
    settings: {
      idempotencyTtlMs: config.idempotencyTtlMs,
      leaseMs: config.pas.timeoutMs + LEASE_MARGIN_MS,
      providerMatrix: config.providerMatrix,
    },
    newSeed: () => randomInt(SEEDS),
    digest: (text) => createHash("sha256").update(text).digest("hex"),
  };
}

async function readinessOf(db: Kysely<Database>): Promise<Readiness> {
  try {
    await sql`select 1`.execute(db);
    return { database: null };
  } catch (error) {
    return { database: messageOf(error) };
  }
}
