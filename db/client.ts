import { Kysely, PostgresDialect, sql } from "kysely";
import { Pool } from "pg";
import { messageOf } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import { HintingDialect } from "./hinting-dialect.ts";
import type { Hint } from "./notify.ts";
import type { Database } from "./tables.ts";

export interface DatabaseConnection {
  db: Kysely<Database>;
  /** Resolves when the server answers, rejects with the reason when it does not. */
  ping: () => Promise<void>;
  /** Waits for the queries under way, then closes every connection. */
  close: () => Promise<void>;
}

export interface DatabaseOptions {
  /** `postgresql://user:password@host:port/database` */
  url: string;
  /** Most connections held at once; default 10. Callers beyond that wait at most 5 s for one. */
  maxConnections?: number;
  /** Milliseconds after which the server cancels a statement; default 15000, 0 for never. */
  statementTimeoutMs?: number;
  /** Told of the hints of `notify` that were committed through these connections. */
  onHint?: (hint: Hint) => void;
  log: Log;
}

/** Why a server cannot be used, by the code of its error: of the operating system, or of PostgreSQL. */
const UNUSABLE: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  ENOTFOUND: "there is no such host",
  EAI_AGAIN: "there is no such host",
  ETIMEDOUT: "it does not answer",
  EHOSTUNREACH: "it cannot be reached",
  "28P01": "the password or the user is wrong",
  "28000": "the user may not connect",
  "3D000": "there is no such database",
  "53300": "it has no connection left",
};

/** An error of reaching the server of `DATABASE_URL` in one sentence that names it; any other error stays as it is. */
export function explainDatabaseProblem(error: unknown, url: string): unknown {
  const problem = problemIn(error);
  if (problem === undefined) return error;
  const { hostname, port, pathname, username } = new URL(url);
  const server = `PostgreSQL at ${hostname}:${port || 5432}${pathname} as ${username || "the default user"}`;
  return new Error(`DATABASE_URL: the ${server} cannot be used: ${problem} (${messageOf(error)})`, {
    cause: error,
  });
}

/** Of the error or of one that caused it. */
const problemIn = (error: unknown): string | undefined =>
  error instanceof Error
    ? (UNUSABLE[(error as NodeJS.ErrnoException).code ?? ""] ?? problemIn(error.cause))
    : undefined;

const CONNECT_TIMEOUT_MS = 5_000;
/** What is done every minute finds its connection again: each new one costs the server a process. */
const IDLE_TIMEOUT_MS = 300_000;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 30_000;
/** How much longer than the server we wait for an answer before we give the connection up. */
const ANSWER_GRACE_MS = 5_000;

/**
 * A pool of connections that opens them on demand: nothing is contacted here. Broken connections are
 * replaced, so a restart of the server fails the queries under way and nothing else.
 */
export function createDatabase(options: DatabaseOptions): DatabaseConnection {
  const statementTimeoutMs = options.statementTimeoutMs ?? 15_000;
  const pool = new Pool({
    connectionString: options.url,
    max: options.maxConnections ?? 10,
    application_name: "lifecycle",
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    keepAlive: true,
    ...(statementTimeoutMs > 0 && {
      statement_timeout: statementTimeoutMs,
      query_timeout: statementTimeoutMs + ANSWER_GRACE_MS,
    }),
  });
  // Without listeners, a connection that the server closes would end the process: the pool's is for idle
  // connections, each connection's own for the time that it is lent out.
  const onLost = (error: Error) => options.log.warn({ err: error }, "a database connection was lost");
  pool.on("error", onLost);
  pool.on("connect", (client) => void client.on("error", onLost));
  const dialect = options.onHint
    ? new HintingDialect({ pool }, options.onHint)
    : new PostgresDialect({ pool });
  const db = new Kysely<Database>({ dialect });
  return {
    db,
    ping: async () => {
      await sql`select 1`.execute(db);
    },
    close: () => db.destroy(),
  };
}
