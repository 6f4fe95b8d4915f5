import type { FastifyInstance } from "fastify";
import { Counter } from "prom-client";
import { createIdentify } from "../../../lib/identify.ts";
import { createAuditLog } from "../audit/adapters/audit-log.ts";
import { createLegacyProducts, setSourceOfTruth } from "../legacy/adapters/products.ts";
import { addLegacyRoutes } from "../legacy/adapters/rest.ts";
import { createLegacyRetirement, type ProductReads } from "../legacy/adapters/usage.ts";
import { createRoutingStore } from "./adapters/routing-store.ts";
import { createWorkOrderStore } from "./adapters/store.ts";
import { createChoicePacking } from "./adapters/choices.ts";
import { createSealing } from "./adapters/payloads.ts";
import { sha256 } from "./adapters/trace.ts";
import type { CatalogConfig } from "../config.ts";
import type { PlmPorts, WorkPorts } from "../context.ts";
import { createProductOffers } from "./operations/offers.ts";
import type { CatalogDeps } from "../deps.ts";
import { startPurge } from "../purge.ts";
import { createUsage } from "../usage/usage.ts";

type WorkOrderDeps = CatalogDeps & { app: FastifyInstance; plm: PlmPorts; productReads: ProductReads };

/** Work orders, the usage events they cause, and the legacy product API. */
export async function createWorkOrders(config: CatalogConfig, deps: WorkOrderDeps) {
  const { work, plm, idempotencyTtlMs } = config;
  const { db, clock, log, registry } = deps;
  const attempts = new Counter({
    name: "work_order_attempts_total",
    help: "Mutations of work orders by what came of them",
    labelNames: ["action", "outcome"],
    registers: [registry],
  });
  await setSourceOfTruth(db, work.legacy.plmIsSourceOfTruth).catch((error: unknown) =>
    // The catalogue starts while its database is away, and says so at /readyz.
    log.error(
      { err: error },
      "the source of truth for products could not be written; restart with the database",
    ),
  );
  const usage = createUsage({ usage: work.usage, connection: plm.connection }, deps);
  const ports: WorkPorts = {
    orders: {
      workOrders: createWorkOrderStore(db),
      routings: createRoutingStore(db),
      offers: createProductOffers(deps.plm),
      audit: createAuditLog(db),
      clock,
      digest: sha256,
      seal: createSealing(),
      packChoice: createChoicePacking(),
      onAttempt: (attempt) => {
        attempts.inc(attempt);
        const label = orderLabel(attempt);
        if (label !== undefined) deps.plm.observations.add("order", label);
      },
      onError: (error) => log.error({ err: error }, "a denied attempt could not be written down"),
      settings: { ...work, idempotencyTtlMs },
    },
    usage: usage.ports,
    legacy: createLegacy(config, deps),
  };
  const purge = startPurge(work.purge, deps);
  return {
    ports,
    close: async () => {
      await purge.close();
      await usage.close();
    },
  };
}

/** What may say something about the product data: who may not create orders, or repeats one, does not. */
function orderLabel({ action, outcome }: { action: string; outcome: string }): string | undefined {
  if (action !== "createWorkOrder" || outcome === "forbidden" || outcome.startsWith("idempotency"))
    return undefined;
  return outcome === "succeeded" ? "OK" : outcome.toUpperCase();
}

function createLegacy({ work: { legacy }, tokens }: CatalogConfig, deps: WorkOrderDeps): WorkPorts["legacy"] {
  const { db, clock, log, app, productReads: usage } = deps;
  const retirement = createLegacyRetirement(db);
  const products = createLegacyProducts(db);
  addLegacyRoutes(app, legacy, { products, usage, retirement, identify: createIdentify(tokens), clock, log });
  return { usage, retirement, clock, settings: legacy };
}
