import { randomUUID } from "node:crypto";
import type { ExecutionResult } from "graphql";
import type { KyselyPlugin } from "kysely";
import { createDatabase } from "../../db/client.ts";
import { createHints } from "../../db/hints.ts";
import { type Clock, systemClock } from "../../lib/clock.ts";
import { type ErrorCode, isCodedError } from "../../lib/errors.ts";
import type { Identity } from "../../lib/identity.ts";
import { signWebhook } from "../../lib/webhook-signature.ts";
import { createPasMock, type PasMock, type PasMockOptions } from "../../mocks/pas/server.ts";
import { createPasClient, type PasClient } from "../../subgraphs/plms/adapters/pas-client.ts";
import { readPlmsConfig } from "../../subgraphs/plms/config.ts";
import { type Ports, createPorts } from "../../subgraphs/plms/ports.ts";
import { createPlmsSubgraph } from "../../subgraphs/plms/server.ts";
import type { Subgraph } from "../../subgraphs/kit/run-subgraph.ts";
import { openKpis } from "../../subgraphs/plms/adapters/kpi/kpis.ts";
import { type TestDatabase } from "../support/database.ts";
import { quietLog } from "../support/quiet-log.ts";

export const WEBHOOK_SECRET = `whsec_${Buffer.from("a-secret-for-the-tests").toString("base64")}`;
export const GATEWAY_SECRET = "the-secret-of-the-gateway";
export const JWT = {
  secret: "the secret of the tokens, thirty-two characters and more",
  issuer: "lifecycle-gateway",
  audience: "lifecycle-gateway",
};

/** A clock that stands still until it is told to go on. */
export function createTestClock(start = "2026-03-01T08:00:00.000Z"): Clock & { advance(ms: number): void } {
  let nowMs = Date.parse(start);
  return {
    now: () => new Date(nowMs),
    monotonicMs: () => nowMs,
    advance: (ms) => {
      nowMs += ms;
    },
  };
}

export const identity = (changes: Partial<Identity> = {}): Identity => ({
  subject: "ada",
  scopes: ["projects.view", "projects.start", "projects.simulate"],
  role: "operator",
  departments: [],
  tenant: "default",
  ...changes,
});

interface CountingMeter {
  started: number;
  replayed: number;
  recorded: number;
  duplicate: number;
}

export interface TestPorts extends Ports {
  counts: CountingMeter;
  clock: Clock & { advance(ms: number): void };
  executor: PasClient;
}

/** The real stores and the real client of the executor, with a clock that stands still. */
export function createTestPorts(
  { db }: Pick<TestDatabase, "db">,
  pas: { baseUrl: string; timeoutMs?: number },
): TestPorts {
  const counts: CountingMeter = { started: 0, replayed: 0, recorded: 0, duplicate: 0 };
  const clock = createTestClock();
  const executor = createPasClient({ timeoutMs: 5_000, ...pas });
  const kpis = openKpis(
    { artifactsDir: undefined, kpis: { databaseUrl: undefined, neo4j: undefined, longestMs: 300_000 } },
    { db, log: quietLog },
  );
  const meter: Ports["meter"] = {
    runStarted: () => void (counts.started += 1),
    runReplayed: () => void (counts.replayed += 1),
    receipts: ({ recorded, duplicate }) => {
      counts.recorded += recorded;
      counts.duplicate += duplicate;
    },
    usage: () => undefined,
    runwayPushed: () => undefined,
    invariantChecked: () => undefined,
  };
  const ports = createPorts(CONFIG, { db, clock }, { executor, meter, kpis, enqueue: async () => undefined });
  return { ...ports, clock, executor, counts, newSeed: () => 42, usableKpis: [] };
}

const CONFIG = {
  pas: { timeoutMs: 30_000 },
  idempotencyTtlMs: 86_400_000,
  providerMatrix: { "gpt-4": "0613" },
  calibrationGraceMs: 30_000,
  calibrationAlpha: 0.3,
  pricesFile: undefined,
  artifactsDir: undefined,
  gitCommit: "0123456789abcdef",
};

/** The executor as a server; it works at once but its webhooks lead nowhere unless it is told where to. */
export async function startPas(
  options: Partial<PasMockOptions> = {},
): Promise<PasMock & { baseUrl: string }> {
  const pas = createPasMock({ webhookSecret: WEBHOOK_SECRET, speed: 0.01, failureRate: 0, ...options });
  const baseUrl = await pas.listen({ host: "127.0.0.1", port: 0 });
  return Object.assign(pas, { baseUrl });
}

export interface RunningPlms extends Subgraph {
  url: string;
}

/** The whole subgraph on a database, listening on a free port. */
export async function startPlms(
  database: TestDatabase,
  options: {
    pasUrl?: string;
    clock?: Clock;
    secrets?: string;
    runwayRefreshMs?: number;
    env?: Record<string, string>;
    /** Sees each statement of the subgraph. */
    plugin?: KyselyPlugin;
  } = {},
): Promise<RunningPlms> {
  const config = readPlmsConfig({
    PORT: "0",
    DATABASE_URL: database.url,
    GATEWAY_SUBGRAPH_SECRET: GATEWAY_SECRET,
    WEBHOOK_SECRET_PAS: options.secrets ?? WEBHOOK_SECRET,
    JWT_SECRET: JWT.secret,
    PAS_BASE_URL: options.pasUrl ?? "http://127.0.0.1:9",
    PAS_TIMEOUT_MS: "5000",
    ...options.env,
  });
  const notifications = createHints({ databaseUrl: database.url, log: quietLog });
  const { db, close } = createDatabase({
    url: database.url,
    log: quietLog,
    onHint: (hint) => notifications.publish(hint),
  });
  const own = options.plugin ? db.withPlugin(options.plugin) : db;
  const subgraph = await createPlmsSubgraph(
    { ...config, runwayRefreshMs: options.runwayRefreshMs ?? config.runwayRefreshMs },
    { db: own, notifications, clock: options.clock ?? systemClock, log: quietLog },
  );
  const url = await subgraph.listen();
  return {
    ...subgraph,
    url,
    close: async () => {
      await subgraph.close();
      await close();
      await notifications.close();
    },
  };
}

/** Asks the subgraph in process, as somebody. */
export const ask = (
  plms: Pick<Subgraph, "endpoint">,
  query: string,
  { as = identity(), ...variables }: Record<string, unknown> & { as?: Identity } = {},
) => plms.endpoint.execute({ query, variables, caller: { identity: as, correlationId: "test" } });

/** The data of an answer without errors. */
export async function dataOf<T>(answer: Promise<ExecutionResult>): Promise<T> {
  const { data, errors } = await answer;
  if (errors) throw new Error(errors.map(({ message }) => message).join("\n"));
  return JSON.parse(JSON.stringify(data)) as T;
}

/** The data of an answer to somebody who may manage projects. */
export const tellManager = <T>(
  plms: Pick<Subgraph, "endpoint">,
  query: string,
  variables: Record<string, unknown> = {},
): Promise<T> => {
  const as = identity({ scopes: ["projects.view", "projects.manage", "projects.simulate"] });
  return dataOf<T>(Promise.resolve(ask(plms, query, { as, ...variables })));
};

/** A receipt on the wire. */
export const receipt = (changes: Record<string, unknown> = {}) => ({
  receipt_id: randomUUID(),
  lane_id: 4200,
  provider: "gpt-4",
  tokens: 900,
  duration_ms: 50_000,
  cost_usd: 0.08,
  echo_cos: 0.9,
  status: "succeeded",
  occurred_at: new Date().toISOString(),
  ...changes,
});

export interface WebhookSpec {
  id?: string;
  secret?: string;
  timestampSeconds?: number;
}

/** Posts a signed message and returns the status and body of the answer. */
export async function postWebhook(
  url: string,
  body: unknown,
  {
    id = randomUUID(),
    secret = WEBHOOK_SECRET,
    timestampSeconds = Math.floor(Date.now() / 1000),
  }: WebhookSpec = {},
): Promise<{ status: number; headers: Headers; body: Record<string, unknown> }> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const headers = {
    "content-type": "application/json",
    ...signWebhook(secret, { id, timestampSeconds, body: text }),
  };
  const response = await fetch(url, { method: "POST", headers, body: text });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
}

/** The code of the error that a promise is rejected with. */
export const codeOf = (work: Promise<unknown>): Promise<ErrorCode | "none"> =>
  work.then(
    () => "none" as const,
    (error: unknown) => {
      if (isCodedError(error)) return error.code;
      throw error;
    },
  );
