import { createAttemptRecorder } from "../kit/attempts.ts";
import { openEventOutbox, readinessOf } from "../kit/event-outbox.ts";
import { healthOf } from "../kit/readiness.ts";
import type { SubgraphDeps } from "../kit/run-subgraph.ts";
import { createGraphQLEndpoint } from "../../lib/graphql-endpoint.ts";
import { createHttpServer } from "../../lib/http-server.ts";
import type { Subgraph } from "../kit/run-subgraph.ts";
import { serveSubgraph } from "../../lib/subgraph-server.ts";
import { createProductReads } from "./legacy/adapters/usage.ts";
import { servePlmWebhooks } from "./plm/adapters/webhooks.ts";
import type { CatalogDatabase } from "../../db/tables/catalog.ts";
import type { CatalogConfig } from "./config.ts";
import { createContext } from "./context.ts";
import { recordDenial } from "./audit/operations/attempts.ts";
import { actorOf } from "./audit/operations/actor.ts";
import { createPlm } from "./plm/plm.ts";
import { loadSchema } from "./schema.ts";
import { createWorkOrders } from "./work-orders/work-orders.ts";

/** An order may name every option of a large product; how much a client may send is up to the gateway. */
const BODY_LIMIT_BYTES = 67_108_864;

/** The catalogue subgraph: its endpoint answers at once, HTTP after `listen`. */
export async function createCatalogSubgraph(
  config: CatalogConfig,
  deps: SubgraphDeps<CatalogDatabase>,
): Promise<Subgraph> {
  const { log } = deps;
  // The PLM is no reason to be unready: the catalogue is there to answer without it.
  const health = healthOf(deps);
  const http = createHttpServer({
    log,
    bodyLimitBytes: BODY_LIMIT_BYTES,
    ...health,
    degradation: async () => ({
      ...(await health.degradation()),
      ...readinessOf(outbox),
      cache: await plm.cacheProblem(),
    }),
  });
  const metered = { ...deps, registry: http.metrics };
  const outbox = openEventOutbox("catalog", config.broker, metered);
  const productReads = createProductReads(deps.db, metered);
  const plm = await createPlm(config, { ...metered, onProductRead: productReads.readByCatalogue });
  const work = await createWorkOrders(config, { ...metered, app: http.app, plm: plm.ports, productReads });
  const ports = { ...plm.ports, work: work.ports };
  const schema = loadSchema(createAttemptRecorder("catalog.audit_log", deps), (refused) =>
    recordDenial(work.ports.orders, actorOf(refused.caller), refused),
  );
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
      await outbox.close();
      await productReads.close();
    },
  };
}
