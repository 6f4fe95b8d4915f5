import { sql } from "kysely";
import { messageOf } from "../lib/errors.ts";
import type { HttpServerOptions } from "../lib/http-server.ts";
import type { SubgraphDeps } from "./run-subgraph.ts";

/** What `/readyz` of a subgraph says: no work without the database, late news without hints. */
export function healthOf({
  db,
  notifications,
}: Pick<SubgraphDeps, "db" | "notifications">): Required<
  Pick<HttpServerOptions, "readiness" | "degradation">
> {
  return {
    readiness: async () => {
      try {
        await sql`select 1`.execute(db);
        return { database: null };
      } catch (error) {
        return { database: messageOf(error) };
      }
    },
    degradation: async () => ({ hints: notifications.problem ?? null }),
  };
}
