import { publicReason } from "../../../../lib/errors.ts";
import type { Log } from "../../../../lib/log.ts";
import type { Documents } from "../../operations/control-ports.ts";
import { NotMeasurable } from "../../operations/kpi-ports.ts";
import type { Graph } from "./graph.ts";
import type { InspectedDatabase } from "./inspected-database.ts";

/** What KPIs are measured on. */
export interface KpiSources {
  /** Undefined without a folder of artifacts. */
  documents: Documents | undefined;
  /** Undefined when no database is to be looked at. */
  database: InspectedDatabase | undefined;
  graph: Graph | undefined;
}

const WHAT_TO_DO = "validate the run again, or ask an operator to look at the log";

/**
 * The same sources, saying no more of a failure than what could not be read: where that is, and who asks for it, is
 * for the log. NotMeasurable passes, and so does the reason of a signal that was aborted.
 */
export function discreet({ documents, database, graph }: KpiSources, log: Log): KpiSources {
  const reading = async <T>(source: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      signal?.throwIfAborted();
      if (cause instanceof NotMeasurable) throw cause;
      const what = `${source} cannot be read`;
      log.warn({ err: cause }, what);
      throw new NotMeasurable(`${publicReason(what, cause)}; ${WHAT_TO_DO}`, { cause });
    }
  };
  const inDatabase = "the database of KPI_DATABASE_URL";
  return {
    documents: documents && {
      read: (path) => reading("a file below ARTIFACTS_DIR", () => documents.read(path)),
    },
    database: database && {
      columns: (table) => reading(inDatabase, () => database.columns(table)),
      rows: (table) => reading(inDatabase, () => database.rows(table)),
    },
    graph: graph && {
      edges: (type, signal) =>
        reading("the graph database of NEO4J_URL", () => graph.edges(type, signal), signal),
      close: () => graph.close(),
    },
  };
}
