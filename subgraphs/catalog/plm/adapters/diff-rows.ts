import { createHash } from "node:crypto";
import type { Selectable } from "kysely";
import type { CatalogDatabase } from "../../../../db/tables/catalog.ts";
import { inside, outside } from "../../../kit/enums.ts";
import type { FieldDiff } from "../domain/shadow-diff.ts";
import type { ShadowDiff } from "../operations/ports.ts";

export type DiffRow = Selectable<CatalogDatabase["catalog.shadow_diffs"]>;

export function toRow(diff: FieldDiff, seen: { correlationId: string; at: Date }) {
  const { modelCode, path, kind, severity, mrp, plm } = diff;
  return {
    fingerprint: createHash("sha256")
      .update(JSON.stringify([modelCode, path, mrp, plm]))
      .digest("hex"),
    model_code: modelCode,
    path,
    kind: inside(kind),
    severity: inside(severity),
    mrp_value: mrp,
    plm_value: plm,
    occurrences: 1,
    first_seen_at: seen.at,
    last_seen_at: seen.at,
    correlation_id: seen.correlationId,
  };
}

export const toDiff = (row: DiffRow): ShadowDiff => ({
  id: row.id,
  modelCode: row.model_code,
  path: row.path,
  kind: outside(row.kind),
  severity: outside(row.severity),
  mrp: row.mrp_value,
  plm: row.plm_value,
  occurrences: Number(row.occurrences),
  firstSeenAt: row.first_seen_at,
  lastSeenAt: row.last_seen_at,
  correlationId: row.correlation_id,
  classification: row.classification && outside(row.classification),
  note: row.note,
  acknowledgedBy: row.acknowledged_by,
});
