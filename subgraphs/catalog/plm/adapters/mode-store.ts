import { inside } from "../../../kit/enums.ts";
import { sql, type Kysely, type Selectable, type Transaction } from "kysely";
import type { CatalogDatabase } from "../../../../db/tables/catalog.ts";
import { CodedError } from "../../../../lib/errors.ts";
import type { PlmSwitch } from "../../products/domain/modes.ts";
import type { ChangeMode, ModeChange } from "../../products/operations/ports.ts";

/** The mode as the database keeps it, one row for all replicas, and every change of it. */
export interface ModeStore {
  /** The stored mode; undefined before the first one. */
  read(): Promise<PlmSwitch | undefined>;
  /** The stored mode; a first or a changed wish of the environment overrules it and is stored. */
  adopt(wish: EnvironmentWish, at: Date): Promise<PlmSwitch>;
  /** @throws CodedError CONFLICT when `expectedVersion` is not the current one */
  change(next: ChangeMode, at: Date): Promise<PlmSwitch>;
  /** Newest first. */
  changes(last: number): Promise<ModeChange[]>;
}

/** `PLM_MODE` and `PLM_ENABLED_FOR_MODELS`. */
type EnvironmentWish = Pick<PlmSwitch, "mode" | "models">;

type Row = Selectable<CatalogDatabase["catalog.plm_config"]>;

export function createModeStore(db: Kysely<CatalogDatabase>): ModeStore {
  return {
    read: async () => {
      const row = await db.selectFrom("catalog.plm_config").selectAll().executeTakeFirst();
      return row && toSwitch(row);
    },
    adopt: (wish, at) =>
      db.transaction().execute(async (trx) => {
        const environment = JSON.stringify([wish.mode, [...wish.models].sort()]);
        const row = await lockRow(trx);
        if (row?.environment === environment) return toSwitch(row);
        const next = { ...wish, cause: "ENVIRONMENT", reason: "set by the environment" } as const;
        const who = { changedBy: "environment", correlationId: null, expectedVersion: undefined };
        return write(trx, { row, next: { ...next, ...who }, environment, at });
      }),
    change: (next, at) =>
      db.transaction().execute(async (trx) => {
        const row = await lockRow(trx);
        const { expectedVersion } = next;
        if (expectedVersion !== undefined && row && Number(row.version) !== expectedVersion) {
          const message = `${row.changed_by} has changed the mode since version ${expectedVersion}; it is ${row.mode} at version ${row.version} now`;
          throw new CodedError("CONFLICT", message);
        }
        return write(trx, { row, next, environment: row?.environment ?? "", at });
      }),
    changes: async (last) => {
      const rows = await db
        .selectFrom("catalog.plm_mode_changes")
        .selectAll()
        .orderBy("version", "desc")
        .limit(last)
        .execute();
      return rows.map((row) => ({
        ...toSwitch({ ...row, mode: row.to_mode }),
        from: row.from_mode && MODE[row.from_mode],
        correlationId: row.correlation_id,
      }));
    },
  };
}

const MODE = { disabled: "DISABLED", shadow: "SHADOW", enabled: "ENABLED" } as const;
const CAUSE = {
  environment: "ENVIRONMENT",
  person: "PERSON",
  rollback: "ROLLBACK",
  automatic: "AUTOMATIC",
} as const;

/** One writer at a time, also while there is no row to lock yet. */
async function lockRow(trx: Transaction<CatalogDatabase>): Promise<Row | undefined> {
  await sql`select pg_advisory_xact_lock(hashtext('catalog.plm_config'))`.execute(trx);
  return trx.selectFrom("catalog.plm_config").selectAll().executeTakeFirst();
}

interface Write {
  row: Row | undefined;
  next: Omit<ChangeMode, "correlationId"> & { correlationId: string | null };
  environment: string;
  at: Date;
}

async function write(
  trx: Transaction<CatalogDatabase>,
  { row, next, environment, at }: Write,
): Promise<PlmSwitch> {
  const version = Number(row?.version ?? 0) + 1;
  const common = {
    models: JSON.stringify(next.models),
    cause: inside(next.cause),
    reason: next.reason,
    changed_by: next.changedBy,
    changed_at: at,
    version,
  };
  const values = { ...common, mode: inside(next.mode), environment };
  await trx
    .insertInto("catalog.plm_config")
    .values({ id: 1, ...values })
    .onConflict((conflict) => conflict.column("id").doUpdateSet(values))
    .execute();
  await trx
    .insertInto("catalog.plm_mode_changes")
    .values({
      ...common,
      from_mode: row?.mode ?? null,
      to_mode: inside(next.mode),
      correlation_id: next.correlationId,
    })
    .execute();
  const { mode, models, cause, reason, changedBy } = next;
  return { mode, models, cause, reason, changedBy, changedAt: at, version };
}

type SwitchRow = Pick<Row, "mode" | "models" | "cause" | "reason" | "changed_by" | "changed_at" | "version">;

const toSwitch = (row: SwitchRow): PlmSwitch => ({
  mode: MODE[row.mode],
  models: row.models,
  cause: CAUSE[row.cause],
  reason: row.reason,
  changedBy: row.changed_by,
  changedAt: row.changed_at,
  version: Number(row.version),
});
