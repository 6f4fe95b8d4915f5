import { sql } from "kysely";
import { publicReason } from "../../lib/errors.ts";
import type { HttpServerOptions } from "../../lib/http-server.ts";
import type { Database } from "../../db/tables.ts";
import type { SubgraphDeps } from "./run-subgraph.ts";

/**
 * What `/readyz` of a subgraph says: no work without the database, late news without hints. Anybody may ask, so it
 * names neither addresses nor accounts; the log does, once for each new problem.
 */
export function healthOf({
  db,
  notifications,
  log,
}: Pick<SubgraphDeps<Database>, "db" | "notifications" | "log">): Required<
  Pick<HttpServerOptions, "readiness" | "degradation">
> {
  let logged: string | undefined;
  const told = (error: unknown): string => {
    const problem = publicReason("PostgreSQL cannot be used", error);
    if (problem !== logged) log.warn({ err: error }, "PostgreSQL cannot be used");
    logged = problem;
    return problem;
  };
  return {
    readiness: async () => {
      try {
        await sql`select 1`.execute(db);
        logged = undefined;
        return { database: null };
      } catch (error) {
        return { database: told(error) };
      }
    },
    degradation: async () => ({ hints: notifications.problem ?? null }),
  };
}
