import type { PlmConfig } from "../../subgraphs/catalog/plm/config.ts";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import type { ExecutionResult } from "graphql";
import { sql } from "kysely";
import { onTestFinished } from "vitest";
import { createHints } from "../../db/hints.ts";
import type { Notifications } from "../../db/notify.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Caller } from "../../lib/graphql-endpoint.ts";
import type { Identity } from "../../lib/identity.ts";
import type { Subgraph } from "../../subgraphs/kit/run-subgraph.ts";
import { catalogue } from "../../mocks/plm/catalogue.ts";
import { createPlmMock, type PlmMock, type PlmMockOptions } from "../../mocks/plm/server.ts";
import {
  createPlmClient,
  type PlmClient,
  type PlmClientConfig,
} from "../../subgraphs/catalog/plm/adapters/partner/client.ts";
import { readCatalogConfig } from "../../subgraphs/catalog/config.ts";
import { createCatalogSubgraph } from "../../subgraphs/catalog/server.ts";
import { type TestDatabase } from "../support/database.ts";
import { quietLog } from "../support/quiet-log.ts";

const ANY_PORT = { host: "127.0.0.1", port: 0 };

/** A clock that stands still until it is told to move. */
export interface ManualClock extends Clock {
  advance(ms: number): void;
}

export function createManualClock(start = "2026-01-31T08:00:00.000Z"): ManualClock {
  let passedMs = 0;
  return {
    now: () => new Date(Date.parse(start) + passedMs),
    monotonicMs: () => passedMs,
    advance: (ms) => {
      passedMs += ms;
    },
  };
}

/** A mock PLM for the time of one test. */
export async function startPlm(options: PlmMockOptions = {}): Promise<{ plm: PlmMock; baseUrl: string }> {
  const plm = createPlmMock(options);
  const baseUrl = await plm.listen(ANY_PORT);
  onTestFinished(() => plm.close());
  return { plm, baseUrl };
}

/** A PLM whose answers the test writes itself; tokens are given to everybody. */
export async function startHandmadePlm(answerCatalogue: RequestListener): Promise<string> {
  const server = createServer((request, response) => {
    if (request.url !== "/oauth/token") return answerCatalogue(request, response);
    response.setHeader("content-type", "application/json");
    return response.end(JSON.stringify({ access_token: "token", token_type: "Bearer", expires_in: 3600 }));
  });
  await new Promise<void>((resolve) => server.listen({ ...ANY_PORT }, resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const plmConnection = (baseUrl: string): PlmClientConfig => ({
  baseUrl,
  clientId: "mrp-dev",
  clientSecret: "mrp-dev-secret",
  deadlineMs: 700,
  maxConcurrent: 10,
});

/** A client for the time of one test. */
export function connectTo(
  baseUrl: string,
  options: Partial<PlmClientConfig> & { clock?: Clock } = {},
): PlmClient {
  const { clock = createManualClock(), ...config } = options;
  const client = createPlmClient({ ...plmConnection(baseUrl), ...config }, { clock, random: () => 0.5 });
  onTestFinished(() => client.close());
  return client;
}

export const GATEWAY_SECRET = "the-secret-of-the-gateway";

export interface CatalogTest {
  subgraph: Subgraph;
  plm: PlmMock;
  clock: { advance(ms: number): void };
  /** Executes as a caller who may see the catalogue. */
  ask: (query: string, variables?: Record<string, unknown>) => Promise<Answer>;
  /** Executes as a caller who may also change how the PLM is used. */
  administer: (query: string, variables?: Record<string, unknown>) => Promise<Answer>;
  /** Subscribes as the caller who may see the catalogue. */
  watch: (query: string) => AsyncIterableIterator<ExecutionResult>;
}

interface Answer {
  // oxlint-disable-next-line typescript/no-explicit-any -- the tests say what they expect
  data: any;
  errors: ExecutionResult["errors"];
}

export const caller = (changes: Partial<Identity> = {}): Caller => ({
  identity: {
    subject: "ada",
    scopes: ["plm.view"],
    role: "operator",
    departments: [],
    tenant: "default",
    ...changes,
  },
  correlationId: "test-1",
});

/** Forgets what earlier tests decided about the PLM and saw of it. */
export async function forgetPlmState({ db }: TestDatabase): Promise<void> {
  await sql`
    truncate catalog.plm_config, catalog.plm_mode_changes, catalog.circuit_states, catalog.circuit_transitions,
      catalog.plm_counters, catalog.shadow_diffs, catalog.plm_alerts, catalog.plm_issues, catalog.plm_webhooks,
      catalog.bom_revisions, catalog.part_uses, catalog.plm_leftovers, catalog.model_comparisons`.execute(db);
}

/** The subgraph before a mock PLM, for the time of one test; the environment may be changed. */
export async function startCatalog(
  database: TestDatabase,
  env: Record<string, string> = {},
  circuit: Partial<PlmConfig["circuit"]> = {},
): Promise<CatalogTest> {
  await forgetPlmState(database).catch(() => undefined);
  const { plm, baseUrl } = await startPlm();
  return { plm, ...(await startReplica(database, { PLM_BASE_URL: baseUrl, ...env }, circuit)) };
}

/** One more subgraph on the same database, before the PLM that the environment names. */
export async function startReplica(
  { db, url }: TestDatabase,
  env: Record<string, string> = {},
  circuit: Partial<PlmConfig["circuit"]> = {},
): Promise<Omit<CatalogTest, "plm">> {
  const config = readCatalogConfig({
    DATABASE_URL: "postgresql://given.by/the-test",
    GATEWAY_SUBGRAPH_SECRET: GATEWAY_SECRET,
    PORT: "0",
    PLM_CLIENT_ID: "mrp-dev",
    PLM_CLIENT_SECRET: "mrp-dev-secret",
    PLM_DEADLINE_MS: "700",
    ...env,
  });
  const clock = createShiftedClock();
  const plmConfig = { ...config.plm, circuit: { ...config.plm.circuit, ...circuit } };
  const notifications = createHints({ databaseUrl: url, log: quietLog });
  onTestFinished(() => notifications.close());
  const deps = { db, notifications, clock, log: quietLog };
  const subgraph = await createCatalogSubgraph({ ...config, plm: plmConfig }, deps);
  onTestFinished(() => subgraph.close());
  await attached({ db, notifications });
  const { endpoint } = subgraph;
  return {
    subgraph,
    clock,
    ask: async (query, variables) => {
      const { data, errors } = await endpoint.execute({ query, variables, caller: caller() });
      return { data, errors };
    },
    administer: async (query, variables) => {
      const admin = caller({ subject: "grace", role: "admin", scopes: ["plm.view", "plm.admin"] });
      const { data, errors } = await endpoint.execute({ query, variables, caller: admin });
      return { data, errors };
    },
    watch: (query) => endpoint.subscribe({ query, caller: caller() }),
  };
}

/**
 * Waits until the subgraph hears of changes: what it kept before counts as changed, which a test that counts
 * calls to the PLM must not depend on. The connection answers in order, so ours comes after the subgraph's own.
 */
async function attached({ db, notifications }: { db: TestDatabase["db"]; notifications: Notifications }) {
  const isThere = await sql`select 1`.execute(db).then(
    () => true,
    () => false,
  );
  if (isThere) await notifications.listen("test_attached", { onHint: () => {}, onGap: () => {} });
}

/** The system's time, moved ahead at will: values age without waiting, while timers keep running. */
function createShiftedClock(): ManualClock {
  let aheadMs = 0;
  return {
    now: () => new Date(Date.now() + aheadMs),
    monotonicMs: () => performance.now(),
    advance: (ms) => {
      aheadMs += ms;
    },
  };
}

/** The mock's catalogue with one text in it replaced. */
export const revised = (text: string, replacement: string): typeof catalogue =>
  JSON.parse(JSON.stringify(catalogue).replaceAll(`"${text}"`, `"${replacement}"`)) as typeof catalogue;
