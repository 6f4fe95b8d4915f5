import { sql, type Kysely } from "kysely";
import { takeCharges } from "../definitions/plms/take-charges.ts";

/** Messages of receipts come by column. `plms.take_receipts` stays for processes of the version before. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await takeCharges.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop function plms.take_charges`.execute(db);
}
