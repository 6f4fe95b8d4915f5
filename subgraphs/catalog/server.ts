import { sql, type Kysely } from "kysely";
import type { Database } from "../../db/tables.ts";
import { messageOf } from "../../lib/errors.ts";
import { createGraphQLEndpoint } from "../../lib/graphql-endpoint.ts";
import { createHttpServer } from "../../lib/http-server.ts";
import type { Subgraph } from "../../lib/subgraph.ts";
import { serveSubgraph } from "../../lib/subgraph-server.ts";
import { servePlmWebhooks } from "./adapters/plm-webhooks.ts";
import type { CatalogConfig } from "./config.ts";
import { createContext } from "./context.ts";
import type { CatalogDeps } from "./wiring/deps.ts";
import { wirePlm } from "./wiring/plm.ts";
import { loadSchema } from "./wiring/schema.ts";
import { wireWorkOrders } from "./wiring/work-orders.ts";

/** The catalogue subgraph, wired: its endpoint answers at once, HTTP after `listen`. */
export async function createCatalogSubgraph(config: CatalogConfig, deps: CatalogDeps): Promise<Subgraph> {
  const { db, log } = deps;
  // The PLM is no reason to be unready: the catalogue is there to answer without it.
  const http = createHttpServer({ log, readiness: async () => ({ database: await problemOf(db) }) });
  const wiring = { ...deps, registry: http.metrics };
  const plm = await wirePlm(config, wiring);
  const work = await wireWorkOrders(config, { ...wiring, app: http.app, plm: plm.ports });
  const ports = { ...plm.ports, work: work.ports };
  const schema = loadSchema();
  const endpoint = createGraphQLEndpoint({
    schema,
    createContext: (caller) => createContext(ports, caller),
    extensionsOf: ({ extensions }) => extensions,
    log,
  });
  serveSubgraph(http.app, { endpoint, schema, gatewaySecret: config.gatewaySecret });
  servePlmWebhooks(http.app, {
    ...deps,
    secrets: config.plm.webhookSecrets,
    onInvalidate: (names) => plm.ports.invalidate(names, { acceptShrink: false }),
  });
  return {
    endpoint,
    listen: async () => {
      const url = await http.listen(config.address);
      plm.start();
      return url;
    },
    close: async () => {
      await http.close();
      await work.close();
      await plm.close();
    },
  };
}

async function problemOf(db: Kysely<Database>): Promise<string | null> {
  try {
    await sql`select 1`.execute(db);
    return null;
  } catch (error) {
    return messageOf(error);
  }
}
