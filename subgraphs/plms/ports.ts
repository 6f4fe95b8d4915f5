import { createHash, randomInt } from "node:crypto";
import { fileURLToPath } from "node:url";
import type { PlmsDeps } from "./deps.ts";
import { createAlertStore } from "./adapters/alert-store.ts";
import { createBudgetStore } from "./adapters/budget-store.ts";
import { createBurnHistoryStore } from "./adapters/burn-history-store.ts";
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
import { createProjectList } from "./adapters/project-list.ts";
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
import type { openKpis } from "./adapters/kpi/kpis.ts";
import type { Executor, Meter, Settings } from "./operations/ports.ts";

/** A lease outlives the executor's deadline by this much, so that two callers never submit the same run. */
const LEASE_MARGIN_MS = 5_000;
const SEEDS = 2 ** 31;
const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export type { CalibrationSession } from "./adapters/calibration-store.ts";

/** What is opened before, because it has to be closed. */
export interface Opened {
  executor: Executor;
  meter: Meter;
  enqueue: Queue["enqueue"];
  kpis: Pick<ReturnType<typeof openKpis>, "kpiValidators" | "kpiResults">;
}

/** Everything that the use cases need from outside. */
export type Ports = ReturnType<typeof createPorts>;

/** Opens it on a database and the configuration. */
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
  { db, clock }: Pick<PlmsDeps, "db" | "clock">,
  { executor, meter, enqueue, kpis: { kpiValidators, kpiResults } }: Opened,
) {
  const { calibrationAlpha, calibrationGraceMs, idempotencyTtlMs, providerMatrix } = config;
  const leaseMs = config.pas.timeoutMs + LEASE_MARGIN_MS;
  const settings: Settings = { idempotencyTtlMs, leaseMs, providerMatrix, calibrationGraceMs };
  const usableKpis: readonly string[] = [...kpiValidators.values()]
    .filter(({ missing }) => missing === null)
    .map(({ name }) => name);
  return {
    clock,
    executor,
    meter,
    settings,
    /** A seed for a sample, 0 to 2147483647. */
    newSeed: (): number => randomInt(SEEDS),
    /** SHA-256 as hexadecimal text. */
    digest: (text: string): string => createHash("sha256").update(text).digest("hex"),
    projects: createProjectStore(db),
    projectList: createProjectList(db),
    projectCreation: createProjectCreation(db),
    lanes: createLaneStore(db),
    laneOverrides: createLaneOverrideStore(db),
    runs: createRunStore(db),
    starts: createStartStore(db),
    runControl: createRunControlStore(db),
    reconciliation: createReconciliationStore(db),
    passports: createPassportStore(db),
    /** Where this process runs, for passports. */
    environment: runEnvironment(config.gitCommit, ROOT),
    documents: createDocuments(config.artifactsDir),
    inbox: createInbox(db, enqueue),
    ...createUsageStore(db),
    priceOf: loadPrices(config.pricesFile),
    costChecks: createCostChecks(db),
    budgets: createBudgetStore(db),
    alerts: createAlertStore(db),
    burnHistory: createBurnHistoryStore(db),
    priors: createPriorStore(db),
    calibrations: createCalibrationStore(db),
    /** Weight of the newest run in the priors, 0-1. */
    calibrationAlpha,
    rehearsals: createRehearsalStore(db),
    insights: createInsightStore(db),
    portfolio: createPortfolioStore(db),
    quality: createQualityStore(db, enqueue),
    kpiValidators,
    kpiResults,
    /** KPI validators that are configured, by name. */
    usableKpis,
    invariants: createInvariants(db),
  };
}
