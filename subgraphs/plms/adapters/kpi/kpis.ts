import { createDatabase } from "../../../../db/client.ts";
import { createDocuments } from "../documents.ts";
import { createKpiStore } from "../kpi-store.ts";
import { createNeo4j } from "./graph.ts";
import { createInspectedDatabase } from "./inspected-database.ts";
import { createKpiValidators } from "./validators.ts";
import type { PlmsConfig } from "../../config.ts";
import type { PlmsDeps } from "../../deps.ts";

const CONNECTIONS = 2;
const STATEMENT_TIMEOUT_MS = 60_000;

/** The KPI validators on what is configured for them; closing them closes the connections that they hold. */
export function openKpis(
  { artifactsDir, kpis }: Pick<PlmsConfig, "artifactsDir" | "kpis">,
  { db, log }: Pick<PlmsDeps, "db" | "log">,
) {
  const inspected =
    kpis.databaseUrl === undefined
      ? undefined
      : createDatabase({
          url: kpis.databaseUrl,
          maxConnections: CONNECTIONS,
          statementTimeoutMs: STATEMENT_TIMEOUT_MS,
          log,
        });
  const graph = kpis.neo4j && createNeo4j(kpis.neo4j);
  return {
    kpiValidators: createKpiValidators({
      documents: artifactsDir === undefined ? undefined : createDocuments(artifactsDir),
      database: inspected && createInspectedDatabase(inspected.db),
      graph,
      longestMs: kpis.longestMs,
      log,
    }),
    kpiResults: createKpiStore(db),
    close: async () => {
      await inspected?.close();
      await graph?.close();
    },
  };
}
