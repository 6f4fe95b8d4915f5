import type { Kysely } from "kysely";
import { Migrator, type Migration, type MigrationResultSet } from "kysely/migration";
import { messageOf } from "../lib/errors.ts";
import * as plms from "./migrations/0001-plms.ts";
import * as catalog from "./migrations/0002-catalog.ts";
import * as runStatistics from "./migrations/0010-run-statistics.ts";
import * as budgetWatch from "./migrations/0011-budget-watch.ts";
import * as calibration from "./migrations/0012-calibration.ts";
import * as laneOverrides from "./migrations/0013-lane-overrides.ts";
import * as rehearsalSamples from "./migrations/0014-rehearsal-samples.ts";
import * as plmModes from "./migrations/0020-plm-modes.ts";
import * as plmObservations from "./migrations/0021-plm-observations.ts";
import * as bomRevisions from "./migrations/0022-bom-revisions.ts";
import * as runControl from "./migrations/0015-run-control.ts";
import * as kpis from "./migrations/0016-kpis.ts";
import * as qualityGates from "./migrations/0040-quality-gates.ts";
import * as audit from "./migrations/0030-audit.ts";
import * as workOrders from "./migrations/0031-work-orders.ts";
import * as usageOutbox from "./migrations/0032-usage-outbox.ts";
import * as legacyProducts from "./migrations/0033-legacy-products.ts";
import * as purge from "./migrations/0050-purge.ts";
import * as acknowledgedAlerts from "./migrations/0023-acknowledged-alerts.ts";
import * as auditChain from "./migrations/0070-audit-chain.ts";
import * as runTasks from "./migrations/0080-run-tasks.ts";
import * as estimateVersionKeys from "./migrations/0081-estimate-version-keys.ts";
import * as removedLaneOverrides from "./migrations/0082-removed-lane-overrides.ts";
import * as lanes from "./migrations/0160-lanes.ts";
import * as realCatalogues from "./migrations/0150-real-catalogues.ts";
import * as everyCharge from "./migrations/0161-every-charge.ts";
import * as settledLearning from "./migrations/0162-settled-learning.ts";
import * as runTrends from "./migrations/0163-run-trends.ts";
import type { Database } from "./tables.ts";

/** In the order of their names, which never changes once released. */
const MIGRATIONS: Readonly<Record<string, Migration>> = {
  "0001-plms": plms,
  "0002-catalog": catalog,
  "0010-run-statistics": runStatistics,
  "0011-budget-watch": budgetWatch,
  "0012-calibration": calibration,
  "0013-lane-overrides": laneOverrides,
  "0014-rehearsal-samples": rehearsalSamples,
  "0020-plm-modes": plmModes,
  "0021-plm-observations": plmObservations,
  "0022-bom-revisions": bomRevisions,
  "0023-acknowledged-alerts": acknowledgedAlerts,
  "0015-run-control": runControl,
  "0016-kpis": kpis,
  "0030-audit": audit,
  "0031-work-orders": workOrders,
  "0032-usage-outbox": usageOutbox,
  "0033-legacy-products": legacyProducts,
  "0040-quality-gates": qualityGates,
  "0050-purge": purge,
  "0070-audit-chain": auditChain,
  "0080-run-tasks": runTasks,
  "0081-estimate-version-keys": estimateVersionKeys,
  "0082-removed-lane-overrides": removedLaneOverrides,
  "0160-lanes": lanes,
  "0150-real-catalogues": realCatalogues,
  "0161-every-charge": everyCharge,
  "0162-settled-learning": settledLearning,
  "0163-run-trends": runTrends,
};

/**
 * Applies every migration that is missing, all or none. Several processes may call it at once: one does the
 * work, the others wait for it.
 *
 * @returns names of the migrations applied here, oldest first
 * @throws Error naming the migration that failed
 */
export async function migrateUp(db: Kysely<Database>): Promise<readonly string[]> {
  return namesOf(await migratorOf(db).migrateToLatest());
}

/**
 * Takes the newest migrations back, with the data they hold.
 *
 * @param steps how many; default 1
 * @returns names of the migrations taken back, newest first
 */
export async function migrateDown(db: Kysely<Database>, steps = 1): Promise<readonly string[]> {
  const undone: string[] = [];
  for (let step = 0; step < steps; step += 1) {
    const names = namesOf(await migratorOf(db).migrateDown());
    if (names.length === 0) break;
    undone.push(...names);
  }
  return undone;
}

/** Areas number their migrations on their own, so one may come after a later number of another. */
const migratorOf = (db: Kysely<Database>) =>
  new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve({ ...MIGRATIONS }) },
    allowUnorderedMigrations: true,
  });

function namesOf({ error, results = [] }: MigrationResultSet): readonly string[] {
  if (error === undefined) return results.map(({ migrationName }) => migrationName);
  const failed = results.find(({ status }) => status === "Error")?.migrationName ?? "the migrations";
  throw new Error(`${failed} could not be applied: ${messageOf(error)}`, { cause: error });
}
