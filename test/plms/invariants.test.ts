import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { sql } from "kysely";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createInvariants } from "../../subgraphs/plms/adapters/invariants.ts";
import { watchInvariants } from "../../subgraphs/plms/operations/check-invariants.ts";
import type { Principal } from "../../subgraphs/plms/operations/principal.ts";
import { startProject } from "../../subgraphs/plms/operations/start-project.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { quietLog } from "../support/quiet-log.ts";
import { COMPILED } from "../support/script.ts";
import { insertProject } from "./fixtures.ts";
import { createTestPorts, startPas, type TestPorts } from "./support.ts";

const ada: Principal = { tenant: "default", subject: "ada", correlationId: "test" };
const root = resolve(import.meta.dirname, "../..");

let database: TestDatabase;
let pas: Awaited<ReturnType<typeof startPas>>;
let ports: TestPorts;

beforeAll(async () => {
  [database, pas] = await Promise.all([createTestDatabase({ seed: true }), startPas()]);
  ports = createTestPorts(database, { baseUrl: pas.baseUrl });
});
afterEach(async () => {
  await sql`truncate plms.project_runs cascade`.execute(database.db);
  await sql`update plms.task_estimates set kpi_formula = null where kpi_formula is not null`.execute(
    database.db,
  );
});
afterAll(() => Promise.all([database.close(), pas.close(), ports.executor.close()]));

const broken = async (isStrict = true) =>
  (await createInvariants(database.db).check(isStrict)).filter(({ violations }) => violations.length > 0);
const started = async (runKind: "baseline" | "rehearsal" = "baseline") => {
  const { id: projectId } = await insertProject(database);
  const { run } = await startProject(ports, ada, {
    projectId,
    runKind,
    idempotencyKey: `${projectId}-${runKind}`,
  });
  return run;
};

const version = (runId: string, projectId: string) => sql`
  insert into plms.estimate_versions (tenant, source_run_id, project_id, n_observations, tokens_mean, tokens_stddev,
    duration_ms_mean, duration_ms_stddev, cost_usd_mean, cost_usd_stddev, mean_absolute_error_tokens,
    mean_absolute_error_duration_ms, state, priors_hash, last_completed_at, created_at)
  values ('default', ${runId}, ${projectId}, 1, 1, 1, 1, 1, 1, 1, 1, 1, '{}', 'h', now(), now())`;

describe("the invariants", () => {
  test("hold for the demo data and for runs that were started", async () => {
    await started();
    await started("rehearsal");
    expect(await broken()).toEqual([]);
    expect(await createInvariants(database.db).check(false)).toHaveLength(5);
    expect(await createInvariants(database.db).check(true)).toHaveLength(8);
  });

  test.each<[string, (run: { id: string; projectId: string }) => ReturnType<typeof sql>]>([
    ["passport_per_run", ({ id }) => sql`delete from plms.run_passports where run_id = ${id}`],
    [
      "kpi_formulas",
      ({ projectId }) =>
        sql`update plms.task_estimates set kpi_formula = '{"vibes": {">=": 1}}' where project_id = ${projectId}`,
    ],
    [
      "kpi_formulas",
      ({ projectId }) =>
        sql`update plms.task_estimates set kpi_formula = '[1]' where project_id = ${projectId}`,
    ],
    ["priors_from_validated_runs", ({ id, projectId }) => version(id, projectId)],
    [
      "provider_matrix",
      ({ id }) => sql`update plms.project_runs set provider_matrix = '{}' where id = ${id}`,
    ],
    [
      "rehearsal_coverage",
      ({ id }) =>
        sql`update plms.project_runs set kind = 'rehearsal', strata_coverage = 0.5 where id = ${id}`,
    ],
  ])("find a broken %s", async (key, damage) => {
    const run = await started();
    await damage(run).execute(database.db);
    const found = await broken();
    expect(found.map((invariant) => invariant.key)).toContain(key);
    expect(found.find((invariant) => invariant.key === key)?.violations[0]).toMatch(/\d/);
  });

  test("find a prior of a rehearsal only when they are strict", async () => {
    const run = await started("rehearsal");
    await sql`update plms.project_runs set validation_pass = true where id = ${run.id}`.execute(database.db);
    await version(run.id, run.projectId).execute(database.db);
    expect(await broken(false)).toEqual([]);
    expect(await broken(true)).toMatchObject([{ key: "priors_from_real_work" }]);
  });

  test("that the tables cannot break are checked all the same", async () => {
    const keys = (await createInvariants(database.db).check(true)).map(({ key }) => key);
    expect(keys).toEqual(expect.arrayContaining(["no_baseline_sandbox", "overrides_change_lane"]));
  });

  test("are watched: each tells the metrics how often it is broken", async () => {
    const run = await started();
    await sql`delete from plms.run_passports where run_id = ${run.id}`.execute(database.db);
    const seen = new Map<string, number>();
    const meter = {
      ...ports.meter,
      invariantChecked: (key: string, count: number) => void seen.set(key, count),
    };
    await watchInvariants({ ...ports, meter }, quietLog);
    expect(seen.size).toBe(8);
    expect(seen.get("passport_per_run")).toBe(1);
    expect(seen.get("provider_matrix")).toBe(0);
  });
});

describe("the command", () => {
  const command = async (...flags: string[]) => {
    const env = { ...COMPILED, PATH: process.env["PATH"], DATABASE_URL: database.url, LOG_LEVEL: "silent" };
    return promisify(execFile)(process.execPath, ["subgraphs/plms/invariants.ts", ...flags], {
      cwd: root,
      env,
    }).then(
      ({ stdout }) => ({ code: 0, stdout, stderr: "" }),
      ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
        code,
        stdout,
        stderr,
      }),
    );
  };

  test("says in JSON what holds, and ends with 0", async () => {
    const { code, stdout } = await command("--strict", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      timestamp: expect.stringMatching(/Z$/),
      db_path: expect.not.stringContaining("@"),
      strict_mode: true,
      checks: { passport_per_run: { passed: true, violations: 0, errors: [] } },
      summary: { total_checks: 8, passed_checks: 8, failed_checks: 0, total_violations: 0, status: "ok" },
    });
  });

  test("names what is broken, and ends with 1", async () => {
    const run = await started();
    await sql`delete from plms.run_passports where run_id = ${run.id}`.execute(database.db);
    const { code, stdout } = await command();
    expect(code).toBe(1);
    expect(stdout).toContain("BROKEN  Every run has its replay passport");
    expect(stdout).toContain(`run ${run.id} has no passport`);
  });

  test("refuses options that it does not know", async () => {
    expect(await command("--loose")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("npm run invariants [-- --strict --json]"),
    });
  });
});
