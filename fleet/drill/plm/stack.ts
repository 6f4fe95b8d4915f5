import { runSubgraph } from "../../../subgraphs/kit/run-subgraph.ts";
import { CORRELATION_HEADER } from "../../../lib/correlation.ts";
import { encodeIdentity, type Identity } from "../../../lib/identity.ts";
import { GATEWAY_SECRET_HEADER, IDENTITY_HEADER } from "../../../lib/subgraph-server.ts";
import { createPlmMock, type PlmMock } from "../../../mocks/plm/server.ts";
import { readCatalogConfig } from "../../../subgraphs/catalog/config.ts";
import { createCatalogSubgraph } from "../../../subgraphs/catalog/server.ts";
import type { DrillContext } from "../support/drill.ts";
import { startDrillDatabase } from "../support/database.ts";

const SECRET = "the-secret-of-the-drill";
const PEOPLE: Readonly<Record<"viewer" | "supervisor" | "admin", Identity>> = {
  viewer: person("vera", "operator", ["plm.view"]),
  supervisor: person("sam", "supervisor", ["plm.view", "workorders.write"]),
  admin: person("ann", "admin", ["plm.view", "plm.admin", "workorders.write"]),
};

/** One answer over HTTP, with how long it took. */
export interface Answer<D> {
  status: number;
  data: D | null | undefined;
  errors: readonly { message: string }[] | undefined;
  durationMs: number;
}

interface Question {
  query: string;
  variables?: Record<string, unknown>;
  as?: keyof typeof PEOPLE;
  /** Which replica, from 0. */
  replica?: number;
}

/** Replicas of the catalogue on one database before a mock PLM, all in this process and over real HTTP. */
export interface PlmStack {
  plm: PlmMock;
  databaseUrl: string;
  replicas: number;
  ask: <D = unknown>(question: Question) => Promise<Answer<D>>;
  /** The data of an answer. @throws Error with everything that came instead */
  read: <D = unknown>(question: Question) => Promise<D>;
}

/** Starts the replicas; everything is stopped again when the drill is over. */
export async function startPlmStack(
  defer: DrillContext["defer"],
  { replicas, env }: { replicas: number; env: Record<string, string> },
): Promise<PlmStack> {
  const database = await startDrillDatabase(defer);
  const plm = createPlmMock();
  const plmUrl = await plm.listen({ host: "127.0.0.1", port: 0 });
  defer(() => plm.close());
  const urls: string[] = [];
  for (let replica = 0; replica < replicas; replica += 1)
    urls.push(await startReplica(defer, { DATABASE_URL: database.url, PLM_BASE_URL: plmUrl, ...env }));
  return {
    plm,
    databaseUrl: database.url,
    replicas,
    ask: (question) => ask(urls, question),
    read: async <D>(question: Question) => dataOf(await ask<D>(urls, question)),
  };
}

async function startReplica(defer: DrillContext["defer"], env: Record<string, string>): Promise<string> {
  const config = readCatalogConfig({
    PORT: "0",
    LOG_LEVEL: "silent",
    GATEWAY_SUBGRAPH_SECRET: SECRET,
    PLM_CLIENT_ID: "mrp-dev",
    PLM_CLIENT_SECRET: "mrp-dev-secret",
    ...env,
  });
  const catalog = await runSubgraph({ name: "catalog", ...config }, (deps) =>
    createCatalogSubgraph(config, deps),
  );
  defer(() => catalog.close());
  return catalog.url;
}

function dataOf<D>({ status, data, errors }: Answer<D>): D {
  if (data === null || data === undefined || errors)
    throw new Error(`no data came: ${status} ${JSON.stringify(errors ?? null)}`);
  return data;
}

async function ask<D>(urls: readonly string[], question: Question): Promise<Answer<D>> {
  const { query, variables, as = "viewer", replica = 0 } = question;
  const startedAt = performance.now();
  const response = await fetch(`${urls[replica % urls.length]}/graphql`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      [GATEWAY_SECRET_HEADER]: SECRET,
      [IDENTITY_HEADER]: encodeIdentity(PEOPLE[as]),
      [CORRELATION_HEADER]: `drill-${Math.round(startedAt * 1000)}`,
    },
    body: JSON.stringify({ query, variables }),
  });
  const body = (await response.json()) as Pick<Answer<D>, "data" | "errors">;
  return {
    status: response.status,
    data: body.data,
    errors: body.errors,
    durationMs: performance.now() - startedAt,
  };
}

function person(subject: string, role: Identity["role"], scopes: readonly string[]): Identity {
  return { subject, role, scopes, departments: [], tenant: "default" };
}
