import { sql, type Kysely } from "kysely";
import { createBudgetWatch } from "../definitions/plms/budget-watch.ts";
import { createLearning } from "../definitions/plms/learning.ts";
import { createMessages } from "../definitions/plms/messages.ts";
import { createProjects } from "../definitions/plms/projects.ts";
import { createQuality } from "../definitions/plms/quality.ts";
import { createRuns } from "../definitions/plms/runs.ts";
import { takeCharges } from "../definitions/plms/take-charges.ts";

/** PLMS: projects, their runs and charges, what was learnt of them, their quality and the watch over their budgets. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create schema plms`.execute(db);
  await createProjects(db);
  await createRuns(db);
  await createMessages(db);
  await createBudgetWatch(db);
  await createLearning(db);
  await createQuality(db);
  await takeCharges.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop schema plms cascade`.execute(db);
}
