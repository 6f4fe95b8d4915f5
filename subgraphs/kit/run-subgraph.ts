import type { Kysely } from "kysely";
import type { Registry } from "prom-client";
import { systemClock, type Clock } from "../../lib/clock.ts";
import { createLog, type Log } from "../../lib/log.ts";
import type { GraphQLEndpoint } from "../../lib/graphql-endpoint.ts";
import { createDatabase, explainDatabaseProblem } from "../../db/client.ts";
import { createHints, type Hints } from "../../db/hints.ts";
import type { Database } from "../../db/tables.ts";

/** A running part of the graph: reachable in this process, and over HTTP once it listens. */
export interface Subgraph {
  endpoint: GraphQLEndpoint;
  /** Starts to serve and returns the base URL, like `http://127.0.0.1:6200`. */
  listen(): Promise<string>;
  /** Refuses new work, lets running requests finish, releases what it holds. */
  close(): Promise<void>;
}

/** What a subgraph lives on; all of it stays open when the subgraph closes. `Tables` are those of the subgraph. */
export interface SubgraphDeps<Tables> {
  db: Kysely<Tables>;
  notifications: Hints;
  clock: Clock;
  log: Log;
}

/** The same with a place for metrics. */
export interface MeteredDeps<Tables> extends SubgraphDeps<Tables> {
  /** What `/metrics` of the subgraph shows. */
  registry: Registry;
}

/** Where a subgraph finds what it lives on. */
export interface SubgraphSettings {
  name: string;
  databaseUrl: string;
  redisUrl?: string | undefined;
  logLevel: string;
}

/** A subgraph that listens. */
export interface RunningSubgraph extends Pick<Subgraph, "endpoint"> {
  url: string;
  /** Ends the subgraph, then what it lives on. */
  close(): Promise<void>;
}

/** Opens what a subgraph lives on, lets it be created and listen; leaves nothing open when a step fails. */
export async function runSubgraph(
  { name, databaseUrl, redisUrl, logLevel }: SubgraphSettings,
  create: (deps: SubgraphDeps<Database>) => Promise<Subgraph>,
): Promise<RunningSubgraph> {
  const running = new AsyncDisposableStack();
  const close = () => running.disposeAsync();
  try {
    const log = createLog({ name, level: logLevel });
    const notifications = createHints({ databaseUrl, redisUrl, log });
    running.defer(() => notifications.close());
    const { db, close: closeDatabase } = createDatabase({
      url: databaseUrl,
      onHint: (hint) => notifications.publish(hint),
      log,
    });
    running.defer(closeDatabase);
    const subgraph = await create({ db, notifications, clock: systemClock, log });
    running.defer(() => subgraph.close());
    const url = await subgraph.listen();
    log.info({ url }, `${name} is listening`);
    return { endpoint: subgraph.endpoint, url, close };
  } catch (error) {
    await close();
    throw explainDatabaseProblem(error, databaseUrl);
  }
}
