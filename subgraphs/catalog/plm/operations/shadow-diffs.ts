import { isRowId } from "../../../kit/row-id.ts";
import type { Clock } from "../../../../lib/clock.ts";
import { notFound } from "../../../../lib/errors.ts";
import { connectionOf, numberedPage, type Connection } from "../../../kit/pagination.ts";
import type { Catalogue } from "../../products/domain/catalogue.ts";
import { judgeMigration, type GateEvidence, type MigrationGate } from "../domain/migration-gate.ts";
import type { DiffSeverity } from "../domain/shadow-diff.ts";
import type { DiffFilter } from "../domain/diff-filter.ts";
import { checkedFilter } from "./diff-groups.ts";
import { requireText, type Asker } from "./modes.ts";
import { CATALOGUE_NAME } from "./compare.ts";
import type { PlmModes } from "../../products/operations/ports.ts";
import type { Comparisons, Observations, ShadowDiffs } from "../ports.ts";
import type { DiffClassification, ShadowDiff } from "./ports.ts";
import type { CatalogueReading } from "../../products/operations/read-catalogue.ts";

interface ListDiffsInput {
  first?: number | null | undefined;
  after?: string | null | undefined;
  severity?: DiffSeverity | null | undefined;
  filter?: DiffFilter | null | undefined;
}

/**
 * A page of differences, newest first.
 *
 * @throws CodedError BAD_USER_INPUT for a bad page
 */
export async function listShadowDiffs(
  diffs: ShadowDiffs,
  input: ListDiffsInput,
): Promise<Connection<ShadowDiff>> {
  const page = numberedPage(input);
  const given = checkedFilter(input.filter);
  const filter = { ...given, severity: given.severity ?? input.severity };
  const { items, totalCount } = await diffs.page({ ...page, filter });
  return connectionOf(items, page, { key: ({ id }) => id, totalCount });
}

interface AcknowledgeInput {
  id: string;
  classification: DiffClassification;
  note?: string | null | undefined;
}

/**
 * Says what a difference means; an expected one no longer counts.
 *
 * @throws CodedError NOT_FOUND, or BAD_USER_INPUT for an endless note
 */
export async function acknowledgeShadowDiff(
  ports: { diffs: ShadowDiffs; clock: Clock },
  { id, classification, note }: AcknowledgeInput,
  actor: Asker,
): Promise<ShadowDiff> {
  const checked = note === null || note === undefined ? null : requireText("note", note);
  const acknowledgement = { classification, note: checked, by: actor.subject, at: ports.clock.now() };
  const diff = isRowId(id) ? await ports.diffs.acknowledge(id, acknowledgement) : undefined;
  if (!diff) throw notFound("Shadow diff", id);
  return diff;
}

interface GatePorts {
  modes: Pick<PlmModes, "current">;
  diffs: ShadowDiffs;
  observations: Observations;
  comparisons: Comparisons;
  clock: Clock;
}

const WINDOW_MS = 14 * 86_400_000;
/** The window and the day that shows it was a whole one. */
const SPAN_MS = WINDOW_MS + 86_400_000;

/** Whether the next step towards the PLM may be taken, by what was observed in the last fortnight. */
export async function readMigrationGate(
  ports: GatePorts,
  catalogue: () => Promise<CatalogueReading>,
): Promise<MigrationGate> {
  const { mode, changedAt } = ports.modes.current();
  const now = ports.clock.now();
  const totals = await ports.observations.totals(["comparison", "read"], new Date(now.getTime() - SPAN_MS));
  const comparisons = totals.filter(
    ({ metric, label }) => metric === "comparison" && label !== "NOISE" && label !== "FAILED",
  );
  const reads = totals.filter(({ metric, label }) => metric === "read" && !/DISABLED|SHADOW/.test(label));
  const sum = (items: readonly { count: number }[]) => items.reduce((total, { count }) => total + count, 0);
  const first = comparisons.map((total) => total.first.getTime());
  return judgeMigration({
    mode,
    modeSince: changedAt,
    now,
    comparisons: {
      count: sum(comparisons),
      different: sum(comparisons.filter(({ label }) => label === "DIFFERENT")),
      first: first.length === 0 ? null : new Date(Math.min(...first)),
    },
    reads: { count: sum(reads), fallbacks: sum(reads.filter(({ label }) => /^(MRP|PLM_STALE)/.test(label))) },
    openCritical: await ports.diffs.confirmedCritical(new Date(now.getTime() - WINDOW_MS)),
    ...(await comparisonsOf(ports, mode === "SHADOW" ? (await catalogue()).catalogue : [])),
  });
}

/** The models in shadow mode that were not compared to the end. */
async function comparisonsOf(
  { comparisons }: GatePorts,
  catalogue: Catalogue,
): Promise<Pick<GateEvidence, "neverCompared" | "failedComparisons">> {
  const known = new Map((await comparisons.all()).map((comparison) => [comparison.modelCode, comparison]));
  const codes = catalogue.filter(({ origin }) => origin === "SHADOW").map(({ code }) => code);
  const failed = [CATALOGUE_NAME, ...codes].flatMap((code) => {
    const comparison = known.get(code);
    if (!comparison?.failedAt || (comparison.comparedAt ?? FIRST) > comparison.failedAt) return [];
    return [{ modelCode: code, failure: comparison.failure ?? "" }];
  });
  return {
    neverCompared: codes.filter((code) => !known.get(code)?.comparedAt && !known.get(code)?.failedAt),
    failedComparisons: failed,
  };
}

const FIRST = new Date(0);
