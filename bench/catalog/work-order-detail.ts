import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExecutionResult } from "graphql";
import { createDatabase } from "../../db/client.ts";
import { startEmbeddedPostgres } from "../../db/embedded.ts";
import { migrateUp } from "../../db/migrate.ts";
import { createHints } from "../../db/hints.ts";
import { seedDemo } from "../../db/seed/seed.ts";
import { systemClock } from "../../lib/clock.ts";
import type { Caller, GraphQLEndpoint } from "../../lib/graphql-endpoint.ts";
import { createLog } from "../../lib/log.ts";
import { createPlmMock } from "../../mocks/plm/server.ts";
import { readCatalogConfig } from "../../subgraphs/catalog/config.ts";
import { createCatalogSubgraph } from "../../subgraphs/catalog/server.ts";

/**
 * How long the detail of a work order takes while the PLM is well and while it is slow: without a cache, so that
 * every answer has to ask anew, with the circuit's rules of production and without it (it never opens). Prints one
 * line of JSON; milliseconds of wall time.
 */
const DETAIL = `query ($id: ID!) { workOrder(id: $id) {
  number status model { name provenance { source } } trim { name } currentStage { name }
  versions(first: 5) { edges { node { number reason } } } } }`;
const CREATE = `mutation { createWorkOrder(input: { modelId: "lx24", trimId: "lx24-base" }, idempotencyKey: "bench") {
  ... on WorkOrderSuccess { workOrder { id } } } }`;
const REQUESTS = 60;
const AT_ONCE = 4;
const PLM_SLOW_MS = 5_000;

const log = createLog({ name: "bench", level: "silent" });
const anyPort = { host: "127.0.0.1", port: 0 };
const caller: Caller = {
  identity: {
    subject: "bench",
    scopes: ["plm.view", "workorders.write"],
    role: "supervisor",
    departments: [],
    tenant: "default",
  },
  correlationId: "bench",
};

interface ShownOrder {
  model: { provenance: { source: string } };
}

const running = new AsyncDisposableStack();
try {
  const url = await startDatabase();
  // First, because replicas share the state of the circuit, and so would these two.
  const withoutCircuit = await compare(url, { PLM_CIRCUIT_BREAKER_THRESHOLD: "1000" });
  const withCircuit = await compare(url, {});
  const result = { bench: "work-order-detail", plmSlowMs: PLM_SLOW_MS, withCircuit, withoutCircuit };
  process.stdout.write(`${JSON.stringify(result)}\n`);
} finally {
  await running.disposeAsync();
}

async function startDatabase(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), "lifecycle-bench-"));
  await chmod(dataDir, 0o755);
  running.defer(() => rm(dataDir, { recursive: true, force: true }));
  const server = await startEmbeddedPostgres({ dataDir, log });
  running.defer(() => server.stop());
  const database = createDatabase({ url: server.url, log });
  await migrateUp(database.db);
  await seedDemo(database.db);
  await database.close();
  return server.url;
}

async function compare(url: string, env: Record<string, string>) {
  const own = new AsyncDisposableStack();
  try {
    return await compareWith(url, env, own);
  } finally {
    await own.disposeAsync();
  }
}

async function compareWith(url: string, env: Record<string, string>, own: AsyncDisposableStack) {
  const plm = createPlmMock();
  const plmUrl = await plm.listen(anyPort);
  own.defer(() => plm.close());
  const database = createDatabase({ url, log });
  own.defer(() => database.close());
  const notifications = createHints({ databaseUrl: url, log });
  own.defer(() => notifications.close());
  const config = readCatalogConfig({
    DATABASE_URL: url,
    GATEWAY_SUBGRAPH_SECRET: "the-secret-of-the-bench",
    PLM_BASE_URL: plmUrl,
    PLM_CLIENT_ID: "mrp-dev",
    PLM_CLIENT_SECRET: "mrp-dev-secret",
    PLM_CACHE_ENABLED: "false",
    PLM_POLL_SECONDS: "0",
    ...env,
  });
  const subgraph = await createCatalogSubgraph(config, {
    db: database.db,
    notifications,
    clock: systemClock,
    log,
  });
  own.defer(() => subgraph.close());
  const { endpoint } = subgraph;
  const created = await endpoint.execute({ query: CREATE, caller });
  const { workOrder } = fieldOf(created, "createWorkOrder") as { workOrder: { id: string } };
  const healthy = await measure(endpoint, workOrder.id);
  plm.setFaults([{ path: "/plm/*", mode: "slow", latencyMs: PLM_SLOW_MS }]);
  return { healthy, slow: await measure(endpoint, workOrder.id) };
}

/** @throws Error when the answer has errors */
function fieldOf({ data, errors }: ExecutionResult, field: string): unknown {
  if (errors || !data) throw new Error(errors?.[0]?.message ?? "no data");
  return data[field];
}

async function measure(endpoint: GraphQLEndpoint, id: string) {
  const durations: number[] = [];
  const sources = new Map<string, number>();
  const one = async () => {
    const startedAt = performance.now();
    const answer = await endpoint.execute({ query: DETAIL, variables: { id }, caller });
    durations.push(performance.now() - startedAt);
    const { source } = (fieldOf(answer, "workOrder") as ShownOrder).model.provenance;
    sources.set(source, (sources.get(source) ?? 0) + 1);
  };
  const line = async () => {
    for (let index = 0; index < REQUESTS / AT_ONCE; index += 1) await one();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, line));
  durations.sort((a, b) => a - b);
  const at = (share: number) => Math.round(durations[Math.ceil(durations.length * share) - 1] ?? 0);
  return {
    requests: durations.length,
    p50: at(0.5),
    p95: at(0.95),
    max: at(1),
    sources: Object.fromEntries(sources),
  };
}
