import type { Clock } from "../../../lib/clock.ts";
import type { AuditLog } from "../audit/ports.ts";
import type { createChoicePacking } from "./adapters/choices.ts";
import type { createSealing } from "./adapters/payloads.ts";
import type { createRoutingStore } from "./adapters/routing-store.ts";
import type { createWorkOrderStore } from "./adapters/store.ts";
import type { createProductOffers } from "./operations/offers.ts";

export type WorkOrderStore = ReturnType<typeof createWorkOrderStore>;

/** What the use cases of work orders need. */
export interface WorkOrderPorts {
  workOrders: WorkOrderStore;
  routings: ReturnType<typeof createRoutingStore>;
  offers: ReturnType<typeof createProductOffers>;
  audit: AuditLog;
  clock: Clock;
  /** SHA-256 in hexadecimal. */
  digest: (text: string) => string;
  /** Packs what an order keeps of its product; once for each configuration, however many orders keep it. */
  seal: ReturnType<typeof createSealing>;
  /** Packs a choice when it is long; once for each list, however many orders keep it. */
  packChoice: ReturnType<typeof createChoicePacking>;
  /** Told of every attempt, for the metrics. */
  onAttempt: (attempt: { action: string; outcome: string }) => void;
  /** Told when a denied attempt could not be written down. */
  onError: (error: unknown) => void;
  settings: {
    idempotencyTtlMs: number;
    /** Routing of orders whose product has none of its own. */
    defaultRoutingVersionId: string;
    /** Milliseconds that the catalogue may take to describe the product of an order that is shown. */
    detailDeadlineMs: number;
  };
}
