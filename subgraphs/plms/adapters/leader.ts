import { sql, type Kysely } from "kysely";
import type { PlmsDatabase } from "../../../db/tables/plms.ts";

/**
 * Does the work unless another process is doing it: one leader per name over all replicas. The lock belongs to a
 * connection, so it is free as soon as its holder is gone, however it went.
 *
 * @returns what the work results in, undefined when another process does it
 */
export function whenLeader<T>(
  db: Kysely<PlmsDatabase>,
  name: string,
  work: () => Promise<T>,
): Promise<T | undefined> {
  const lock = sql`hashtextextended(${`lifecycle.${name}`}, 0)`;
  return db.connection().execute(async (connection) => {
    const { rows } = await sql<{ leads: boolean }>`select pg_try_advisory_lock(${lock}) as leads`.execute(
      connection,
    );
    if (!rows[0]?.leads) return undefined;
    try {
      return await work();
    } finally {
      await sql`select pg_advisory_unlock(${lock})`.execute(connection);
    }
  });
}
