import type { Kysely } from "kysely";
import { takeCharges } from "../definitions/plms/take-charges.ts";

/** Receipts tell of a run and its project by their keys as well, so that only those hear of them who watch. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await takeCharges.execute(db);
}

/** What it tells beside is heard by nobody of the build before. */
export async function down(): Promise<void> {}
