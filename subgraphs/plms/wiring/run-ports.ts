import { createHash, randomInt } from "node:crypto";
import { createCostChecks } from "../adapters/cost-check-store.ts";
import { createInbox } from "../adapters/inbox.ts";
import { loadPrices } from "../adapters/price-files.ts";
import { createProjectStore } from "../adapters/project-store.ts";
import { createQualityStore } from "../adapters/quality-store.ts";
import { createRunStore } from "../adapters/run-store.ts";
import { createStartStore } from "../adapters/start-store.ts";
import { createUsageStore } from "../adapters/usage/store.ts";
import type { PlmsConfig } from "../config.ts";
import type { RunPorts } from "../operations/ports.ts";
import type { QualityPorts } from "../operations/quality-ports.ts";
import type { PortParts } from "./deps.ts";
import type { SubgraphDeps } from "../../kit/run-subgraph.ts";

/** A lease outlives the executor's deadline by this much, so that two callers never submit the same run. */
const LEASE_MARGIN_MS = 5_000;
const SEEDS = 2 ** 31;

/** What the use cases around projects and runs need from outside. */
export function runPorts(
  config: PlmsConfig,
  { db, clock }: SubgraphDeps,
  parts: PortParts,
): RunPorts & QualityPorts {
  return {
    projects: createProjectStore(db),
    runs: createRunStore(db),
    starts: createStartStore(db),
    inbox: createInbox(db, parts.queue.enqueue),
    quality: createQualityStore(db, parts.queue.enqueue),
    clock,
    executor: parts.executor,
    meter: parts.meter,
    settings: {
      idempotencyTtlMs: config.idempotencyTtlMs,
      leaseMs: config.pas.timeoutMs + LEASE_MARGIN_MS,
      providerMatrix: config.providerMatrix,
      calibrationGraceMs: config.calibrationGraceMs,
    },
    priceOf: loadPrices(config.pricesFile),
    costChecks: createCostChecks(db),
    ...createUsageStore(db),
    newSeed: () => randomInt(SEEDS),
    digest: (text) => createHash("sha256").update(text).digest("hex"),
  };
}
