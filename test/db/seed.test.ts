import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { seedDemo, seedReference } from "../../db/seed/seed.ts";
import type { Database } from "../../db/tables.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";

let own: TestDatabase;
beforeAll(async () => {
  own = await createTestDatabase({ seed: true });
});
afterAll(() => own.close());

const COUNTS: Partial<Record<keyof Database, number>> = {
  "plms.lanes": 11,
  "plms.projects": 6,
  "plms.project_runs": 0,
  "catalog.departments": 11,
  "catalog.work_centers": 11,
  "catalog.stations": 11,
  "catalog.routing_versions": 1,
  "catalog.routing_stages": 11,
  "catalog.product_models": 4,
  "catalog.product_trims": 12,
  "catalog.configuration_sections": 9,
  "catalog.configuration_components": 19,
  "catalog.configuration_options": 38,
  "catalog.configuration_dependencies": 5,
};

describe("the demo data", () => {
  test.each(Object.entries(COUNTS) as [keyof Database, number][])(
    "hold as many %s as they should",
    async (table, count) => {
      expect(await countOf(own, table)).toBe(count);
    },
  );

  test("stay as they are when they are planted again", async () => {
    const before = await fingerprint(own);
    await seedDemo(own.db);
    expect(await fingerprint(own)).toEqual(before);
  });

  test("are the same in every database", async () => {
    const other = await createTestDatabase();
    await Promise.all([seedDemo(other.db), seedDemo(other.db)]);
    expect(await fingerprint(other)).toEqual(await fingerprint(own));
    await other.close();
  });

  test("can be had without the projects", async () => {
    const other = await createTestDatabase();
    await seedReference(other.db);
    expect([
      await countOf(other, "catalog.configuration_options"),
      await countOf(other, "plms.projects"),
    ]).toEqual([38, 0]);
    await other.close();
  });
});

describe("the demo products", () => {
  test("give every model its trims, in order", async () => {
    const trims = await own.db
      .selectFrom("catalog.product_trims")
      .select(["model_id", sql<string>`string_agg(code, ' ' order by sort_order)`.as("codes")])
      .groupBy("model_id")
      .orderBy("model_id")
      .execute();
    expect(trims).toEqual([
      { model_id: "lx21", codes: "LX21-BASE LX21-ANGLER-PRO" },
      { model_id: "lx22", codes: "LX22-BASE LX22-SPORT LX22-LUXURY" },
      { model_id: "lx24", codes: "LX24-BASE LX24-SPORT LX24-LUXURY" },
      { model_id: "lx26", codes: "LX26-BASE LX26-SPORT LX26-LUXURY LX26-PREMIUM" },
    ]);
  });

  test("put the sections where they belong: four are optional or of one trim", async () => {
    const sections = await own.db
      .selectFrom("catalog.configuration_sections")
      .select(["id", "trim_id", "is_required"])
      .where((where) => where.or([where("trim_id", "is not", null), where("is_required", "=", false)]))
      .orderBy("id")
      .execute();
    expect(sections).toEqual([
      { id: "lx21-electronics", trim_id: "lx21-angler-pro", is_required: true },
      { id: "lx22-luxury", trim_id: "lx22-luxury", is_required: true },
      { id: "lx24-audio", trim_id: null, is_required: false },
      { id: "lx26-luxury-comfort", trim_id: "lx26-luxury", is_required: true },
    ]);
  });

  test("offer two active options a component, the first by default, each under a part number of its own", async () => {
    const options = await own.db.selectFrom("catalog.configuration_options").selectAll().execute();
    const byComponent = Map.groupBy(options, ({ component_id }) => component_id);
    const pairs = [...byComponent.values()].map((pair) =>
      pair.toSorted((a, b) => a.sort_order - b.sort_order),
    );
    expect(new Set(pairs.map((pair) => pair.map(({ is_default }) => is_default).join()))).toEqual(
      new Set(["true,false"]),
    );
    expect(options.every(({ is_active }) => is_active)).toBe(true);
    expect(new Set(options.map(({ part_number }) => part_number)).size).toBe(38);
  });

  test("require what the fixtures require, even lighting that only the Luxury trim of the LX26 has", async () => {
    const dependencies = await own.db
      .selectFrom("catalog.configuration_dependencies")
      .selectAll()
      .orderBy("option_id")
      .execute();
    expect(dependencies.map((row) => [row.option_id, row.dependency_type, row.depends_on_option_id])).toEqual(
      [
        ["lx21-electronics-fishfinder-solix-12", "requires", "lx21-fishing-trolling-motor-ghost"],
        ["lx22-luxury-galley-entertainer", "requires", "lx22-luxury-seating-perforated"],
        ["lx24-audio-subwoofer-premium", "requires", "lx24-audio-speakers-premium"],
        ["lx26-electrical-battery-lithium-300", "requires", "lx26-electrical-charger-amp-50"],
        ["lx26-electrical-stereo-concert", "requires", "lx26-luxury-comfort-lighting-rgb"],
      ],
    );
  });

  test("release the routing of the LX24 Base: eleven stages, 22 hours", async () => {
    const stages = await own.db
      .selectFrom("catalog.routing_stages as stage")
      .innerJoin("catalog.routing_versions as version", "version.id", "stage.routing_version_id")
      .innerJoin("catalog.stations as station", "station.work_center_id", "stage.work_center_id")
      .where((where) =>
        where.and({ "version.model": "LX24", "version.trim": "Base", "version.status": "released" }),
      )
      .select(["stage.sequence", "station.code", "stage.standard_stage_seconds as seconds"])
      .orderBy("stage.sequence")
      .execute();
    expect(stages.map(({ code }) => code).join(" ")).toBe(
      "KIT-1 LAM-1 HRIG-1 DRIG-1 CAP-1 ENG-1 FRIG-1 WTEST-1 QA-1 CLEAN-1 SHIP-1",
    );
    expect(stages.reduce((sum, { seconds }) => sum + seconds, 0)).toBe(79_200);
  });
});

describe("the demo projects", () => {
  test("name models and trims that exist, one of them a single trim only", async () => {
    const strays = await own.db
      .selectFrom("plms.project_products as product")
      .leftJoin("catalog.product_models as model", "model.id", "product.model_id")
      .leftJoin("catalog.product_trims as trim", (join) =>
        join.onRef("trim.id", "=", "product.trim_id").onRef("trim.model_id", "=", "product.model_id"),
      )
      .where((where) =>
        where.or([
          where("model.id", "is", null),
          where.and([where("product.trim_id", "is not", null), where("trim.id", "is", null)]),
        ]),
      )
      .selectAll("product")
      .execute();
    expect(strays).toEqual([]);
    const perProject = await own.db
      .selectFrom("plms.project_products")
      .select([
        "project_id",
        sql<number>`count(*)::int`.as("count"),
        sql<number>`count(trim_id)::int`.as("trims"),
      ])
      .groupBy("project_id")
      .execute();
    expect(perProject.every(({ count }) => count >= 1 && count <= 3)).toBe(true);
    expect(perProject.some(({ count, trims }) => count === trims)).toBe(true);
  });

  test("have 40 to 220 tasks each, of every complexity and in several lanes, no two of the same name", async () => {
    const projects = await tasksByProject(own);
    const within = projects.filter(({ tasks }) => tasks >= 40 && tasks <= 220);
    expect(within).toHaveLength(6);
    expect(projects.filter(({ complexities, lanes }) => complexities === 5 && lanes >= 3)).toEqual(projects);
    expect(projects.filter(({ names, tasks }) => names === tasks)).toEqual(projects);
  });

  test("estimate around the factory prior", async () => {
    const mean = await own.db
      .selectFrom("plms.task_estimates")
      .where("complexity", "=", "moderate")
      .where("lane_id", "in", [4200, 4202])
      .select([
        sql<number>`avg(estimated_tokens)::float8`.as("tokens"),
        sql<number>`avg(estimated_duration_ms)`.as("durationMs"),
        sql<number>`avg(estimated_cost_usd)::float8`.as("usd"),
      ])
      .executeTakeFirstOrThrow();
    expect(mean.tokens / 3_000).toBeCloseTo(1, 1);
    expect(mean.durationMs / 300_000).toBeCloseTo(1, 1);
    expect(mean.usd / 0.18).toBeCloseTo(1, 1);
  });

  test("have one without a budget and one whose budget is less than its estimates", async () => {
    const shares = (await tasksByProject(own)).map(({ budget, usd }) =>
      budget === null ? null : Number(budget) / usd,
    );
    expect(shares.filter((share) => share === null)).toHaveLength(1);
    expect(shares.filter((share) => share !== null && share < 1)).toHaveLength(1);
  });
});

const tasksByProject = ({ db }: TestDatabase) =>
  db
    .selectFrom("plms.projects as project")
    .innerJoin("plms.task_estimates as task", "task.project_id", "project.id")
    .groupBy("project.id")
    .select([
      "project.name",
      "project.budget_usd_max as budget",
      sql<number>`count(*)::int`.as("tasks"),
      sql<number>`count(distinct task.complexity)::int`.as("complexities"),
      sql<number>`count(distinct task.lane_id)::int`.as("lanes"),
      sql<number>`count(distinct task.name)::int`.as("names"),
      sql<number>`sum(task.estimated_cost_usd)::float8`.as("usd"),
    ])
    .execute();

async function countOf({ db }: TestDatabase, table: keyof Database): Promise<number> {
  const { rows } = await sql<{
    count: number;
  }>`select count(*)::int as count from ${sql.table(table)}`.execute(db);
  return rows[0]?.count ?? -1;
}

/** Everything that was planted but the moments of it. */
async function fingerprint({ db }: TestDatabase): Promise<unknown> {
  const tasks = await db
    .selectFrom("plms.task_estimates as task")
    .innerJoin("plms.projects as project", "project.id", "task.project_id")
    .select(["project.name as project", "task.order_index", "task.name", "task.complexity", "task.lane_id"])
    .select(["task.estimated_tokens", "task.estimated_duration_ms", "task.estimated_cost_usd"])
    .orderBy("project.name")
    .orderBy("task.order_index")
    .execute();
  const options = await db.selectFrom("catalog.configuration_options").selectAll().orderBy("id").execute();
  return { tasks, options };
}
