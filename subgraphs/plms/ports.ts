import { createHash, randomInt } from "node:crypto";
import { fileURLToPath } from "node:url";
import type { SubgraphDeps } from "../kit/run-subgraph.ts";
import { createAlertStore } from "./adapters/alert-store.ts";
import { createBudgetStore } from "./adapters/budget-store.ts";
import { createCalibrationStore } from "./adapters/calibration-store.ts";
import { createCostChecks } from "./adapters/cost-check-store.ts";
import { createDocuments } from "./adapters/documents.ts";
import { createInbox } from "./adapters/inbox.ts";
import { createInsightStore } from "./adapters/insight-store.ts";
import { createInvariants } from "./adapters/invariants.ts";
import { createLaneOverrideStore } from "./adapters/lane-override-store.ts";
import { createLaneStore } from "./adapters/lane-store.ts";
import { createPassportStore } from "./adapters/passport-store.ts";
import { createPortfolioStore } from "./adapters/portfolio-store.ts";
import { loadPrices } from "./adapters/price-files.ts";
import { createPriorStore } from "./adapters/prior-store.ts";
import { createProjectCreation } from "./adapters/project-creation.ts";
import { createProjectStore } from "./adapters/project-store.ts";
import { createQualityStore } from "./adapters/quality-store.ts";
import type { Queue } from "./adapters/queue.ts";
import { createReconciliationStore } from "./adapters/reconciliation-store.ts";
import { createRehearsalStore } from "./adapters/rehearsal-store.ts";
import { createRunControlStore } from "./adapters/run-control-store.ts";
import { runEnvironment } from "./adapters/run-environment.ts";
import { createRunStore } from "./adapters/run-store.ts";
import { createStartStore } from "./adapters/start-store.ts";
import { createUsageStore } from "./adapters/usage/store.ts";
import type { PlmsConfig } from "./config.ts";
import type { KpiPorts } from "./operations/kpi-ports.ts";
import type { Executor, Meter, Ports } from "./operations/ports.ts";

/** A lease outlives the executor's deadline by this much, so that two callers never submit the same run. */
const LEASE_MARGIN_MS = 5_000;
const SEEDS = 2 ** 31;
const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** What is opened before, because it has to be closed. */
export interface Opened {
  executor: Executor;
  meter: Meter;
  enqueue: Queue["enqueue"];
  kpis: KpiPorts;
}

/** Everything that the use cases need from outside. */
export function createPorts(
  config: Pick<
    PlmsConfig,
    | "idempotencyTtlMs"
    | "providerMatrix"
    | "calibrationGraceMs"
    | "calibrationAlpha"
    | "pricesFile"
    | "artifactsDir"
    | "gitCommit"
  > & { pas: Pick<PlmsConfig["pas"], "timeoutMs"> },
  { db, clock }: Pick<SubgraphDeps, "db" | "clock">,
  { executor, meter, enqueue, kpis: { kpiValidators, kpiResults } }: Opened,
): Ports {
  const { calibrationAlpha, calibrationGraceMs, idempotencyTtlMs, providerMatrix } = config;
  const leaseMs = config.pas.timeoutMs + LEASE_MARGIN_MS;
  return {
    clock,
    executor,
    meter,
    settings: { idempotencyTtlMs, leaseMs, providerMatrix, calibrationGraceMs },
    newSeed: () => randomInt(SEEDS),
    digest: (text) => createHash("sha256").update(text).digest("hex"),
    projects: createProjectStore(db),
    projectCreation: createProjectCreation(db),
    lanes: createLaneStore(db),
    laneOverrides: createLaneOverrideStore(db),
    runs: createRunStore(db),
    starts: createStartStore(db),
    runControl: createRunControlStore(db),
    reconciliation: createReconciliationStore(db),
    passports: createPassportStore(db),
    environment: runEnvironment(config.gitCommit, ROOT),
    documents: createDocuments(config.artifactsDir),
    inbox: createInbox(db, enqueue),
    ...createUsageStore(db),
    priceOf: loadPrices(config.pricesFile),
    costChecks: createCostChecks(db),
    budgets: createBudgetStore(db),
    alerts: createAlertStore(db),
    priors: createPriorStore(db),
    calibrations: createCalibrationStore(db),
    calibrationAlpha,
    rehearsals: createRehearsalStore(db),
    insights: createInsightStore(db),
    portfolio: createPortfolioStore(db),
    quality: createQualityStore(db, enqueue),
    kpiValidators,
    kpiResults,
    usableKpis: [...kpiValidators.values()].filter(({ missing }) => missing === null).map(({ name }) => name),
    invariants: createInvariants(db),
  };
}
