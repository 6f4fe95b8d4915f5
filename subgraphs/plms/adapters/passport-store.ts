import type { Kysely, Selectable } from "kysely";
import type { PlmsDatabase } from "../../../db/tables/plms.ts";
import type { NewPassport, ReplayPassport } from "../domain/passport.ts";

export function createPassportStore(db: Kysely<PlmsDatabase>) {
  return {
    /** By run id. */
    byRuns: async (runIds: readonly string[]): Promise<ReadonlyMap<string, ReplayPassport>> => {
      const rows = await db
        .selectFrom("plms.run_passports as passport")
        .innerJoin("plms.project_runs as run", "run.id", "passport.run_id")
        .selectAll("passport")
        .select(["run.project_id", "run.kind"])
        .where("run_id", "in", [...runIds])
        .execute();
      return new Map(rows.map((row) => [row.run_id, toPassport(row)]));
    },
  };
}

/** Writes the passport of a run that is just being created; it is never changed afterwards. */
export async function insertPassport(
  tx: Kysely<PlmsDatabase>,
  runId: string,
  { passport, now }: { passport: NewPassport; now: Date },
): Promise<void> {
  await tx
    .insertInto("plms.run_passports")
    .values({
      run_id: runId,
      provider_matrix: JSON.stringify(passport.providerMatrix),
      capabilities: JSON.stringify(passport.capabilities),
      prd_sha: passport.prdSha,
      prd_source: passport.prdSource,
      git_commit: passport.env.gitCommit,
      runtime_version: passport.env.runtimeVersion,
      os: passport.env.os,
      created_at: now,
    })
    .execute();
}

type PassportRow = Selectable<PlmsDatabase["plms.run_passports"]> &
  Pick<Selectable<PlmsDatabase["plms.project_runs"]>, "project_id" | "kind">;

const toPassport = (row: PassportRow): ReplayPassport => ({
  runId: row.run_id,
  projectId: row.project_id,
  runKind: row.kind,
  providerMatrix: row.provider_matrix,
  capabilities: row.capabilities,
  prdSha: row.prd_sha,
  prdSource: row.prd_source,
  env: { gitCommit: row.git_commit, runtimeVersion: row.runtime_version, os: row.os },
  createdAt: row.created_at,
});
