import type { Invariant } from "../domain/invariants.ts";
import { sql, type Kysely, type RawBuilder } from "kysely";
import type { PlmsDatabase } from "../../../db/tables/plms.ts";
import { KPI_NAMES } from "../domain/kpi.ts";

interface Check {
  key: string;
  name: string;
  isStrict: boolean;
  /** Selects a sentence for each violation, as `violation`. */
  violations: RawBuilder<unknown>;
}

/** Violations of each that a report names; there may be more. */
const MOST_NAMED = 100;

const registered = sql`any(${[...KPI_NAMES]}::text[])`;

const CHECKS: readonly Check[] = [
  {
    key: "passport_per_run",
    name: "Every run has its replay passport",
    isStrict: false,
    violations: sql`
      select format('run %s has no passport', run.id) as violation from plms.project_runs as run
      where not exists (select from plms.run_passports where run_id = run.id)`,
  },
  {
    key: "kpi_formulas",
    name: "KPI formulas and gates name registered validators only",
    isStrict: false,
    violations: sql`
      select format('task %s: %s', id, kpi_formula) as violation from plms.task_estimates
      where kpi_formula is not null and (jsonb_typeof(kpi_formula) <> 'object' or exists (
        select from jsonb_object_keys(case when jsonb_typeof(kpi_formula) = 'object' then kpi_formula else '{}' end) as name
        where not name = ${registered}))
      union all
      select format('gate of lane %s: %s', lane_id, kpi_name) from plms.lane_gates where not kpi_name = ${registered}`,
  },
  {
    key: "no_baseline_sandbox",
    name: "No baseline run writes to a sandbox",
    isStrict: false,
    violations: sql`
      select format('run %s', id) as violation from plms.project_runs where kind = 'baseline' and write_sandbox`,
  },
  {
    key: "priors_from_validated_runs",
    name: "Priors come from validated runs of a project only",
    isStrict: false,
    violations: sql`
      select format('version %s of run %s', version.id, run.id) as violation
      from plms.estimate_versions as version join plms.project_runs as run on run.id = version.source_run_id
      where run.validation_pass is not true or version.project_id is distinct from run.project_id`,
  },
  {
    key: "overrides_change_lane",
    name: "Lane overrides change the lane",
    isStrict: false,
    violations: sql`
      select format('override %s', id) as violation from plms.lane_overrides
      where predicted_lane_id = corrected_lane_id`,
  },
  {
    key: "priors_from_real_work",
    name: "No prior comes from a rehearsal, a replay, a sandbox or a run that failed",
    isStrict: true,
    violations: sql`
      select format('version %s of run %s', version.id, run.id) as violation
      from plms.estimate_versions as version join plms.project_runs as run on run.id = version.source_run_id
      where run.kind in ('rehearsal', 'replay') or run.write_sandbox or run.status <> 'completed'`,
  },
  {
    key: "provider_matrix",
    name: "Baseline and hotfix runs name their providers",
    isStrict: true,
    violations: sql`
      select format('run %s', id) as violation from plms.project_runs
      where kind in ('baseline', 'hotfix') and provider_matrix = '{}'`,
  },
  {
    key: "rehearsal_coverage",
    name: "Rehearsals cover every complexity",
    isStrict: true,
    violations: sql`
      select format('run %s covers %s', id, coalesce(strata_coverage::text, 'nobody knows what')) as violation
      from plms.project_runs where kind = 'rehearsal' and strata_coverage is distinct from 1`,
  },
];

/** What always has to hold, asked of one moment of the database. */
export function createInvariants(db: Kysely<PlmsDatabase>) {
  return {
    /** Checks the five standard invariants, or all eight. */
    check: (isStrict: boolean): Promise<Invariant[]> =>
      db
        .transaction()
        .setAccessMode("read only")
        .setIsolationLevel("repeatable read")
        .execute(async (tx) => {
          const report = [];
          for (const { key, name, violations, ...check } of CHECKS) {
            if (check.isStrict && !isStrict) continue;
            const { rows } = await sql<{ violation: string }>`
              select violation from (${violations}) as found limit ${MOST_NAMED}`.execute(tx);
            report.push({ key, name, violations: rows.map(({ violation }) => violation) });
          }
          return report;
        }),
  };
}
