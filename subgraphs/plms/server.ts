import type { FastifyInstance } from "fastify";
import { createAttemptRecorder } from "../kit/attempts.ts";
import { openEventOutbox, readinessOf } from "../kit/event-outbox.ts";
import { healthOf } from "../kit/readiness.ts";
import type { Subgraph } from "../kit/run-subgraph.ts";
import type { PlmsDeps } from "./deps.ts";
import { createGraphQLEndpoint } from "../../lib/graphql-endpoint.ts";
import { createHttpServer } from "../../lib/http-server.ts";
import { serveSubgraph } from "../../lib/subgraph-server.ts";
import { openKpis } from "./adapters/kpi/kpis.ts";
import { applyLanesFile } from "./adapters/lanes-file.ts";
import { createMeter } from "./adapters/metrics.ts";
import { createPasClient } from "./adapters/pas-client.ts";
import { createQueue } from "./adapters/queue.ts";
import { serveUsage } from "./adapters/usage/routes.ts";
import { serveWebhooks } from "./adapters/webhooks.ts";
import type { PlmsConfig } from "./config.ts";
import { createContext } from "./context.ts";
import { watchOverBudgets } from "./jobs/budget-watch.ts";
import { learnFromRuns } from "./jobs/learning.ts";
import { careForRuns } from "./jobs/run-care.ts";
import { createLive } from "./live.ts";
import { defineLanes } from "./operations/define-lanes.ts";
import { type Ports, createPorts } from "./ports.ts";
import { recordCompletion } from "./operations/record-completion.ts";
import { recordReceipts } from "./operations/record-receipts.ts";
import { recordUsage } from "./operations/record-usage.ts";
import { serveRestFacade } from "./rest/facade.ts";
import { loadSchema } from "./schema.ts";

/** The PLMS subgraph: resolves once it hears of changes, and serves HTTP after `listen`. */
export async function createPlmsSubgraph(config: PlmsConfig, deps: PlmsDeps): Promise<Subgraph> {
  const { log } = deps;
  const health = healthOf(deps);
  const server = createHttpServer({
    log,
    ...health,
    degradation: async () => ({ ...(await health.degradation()), ...readinessOf(outbox) }),
  });
  const outbox = openEventOutbox("plms", config.broker, { ...deps, registry: server.metrics });
  const executor = createPasClient(config.pas);
  const queue = await createQueue(deps);
  const kpis = openKpis(config, deps);
  const meter = createMeter(server.metrics);
  const ports = createPorts(config, deps, { executor, meter, kpis, enqueue: queue.enqueue });
  if (config.lanesFile !== undefined)
    await applyLanesFile(config.lanesFile, (lanes) => defineLanes(ports, lanes, "file"));
  const live = await createLive({ ...deps, ports, refreshMs: config.runwayRefreshMs });
  const working = { config, deps, ports, queue };
  const jobs = [
    ...(await careForRuns(working)),
    ...(await watchOverBudgets(working)),
    ...(await learnFromRuns(working)),
  ];
  const record = createAttemptRecorder("plms.audit_log", deps);
  const schema = loadSchema(record);
  const endpoint = createGraphQLEndpoint({
    schema,
    createContext: (caller) => createContext({ ports, live }, caller),
    extensionsOf: ({ extensions }) => extensions,
    log,
  });
  serveSubgraph(server.app, { endpoint, schema, gatewaySecret: config.gatewaySecret });
  // After the gateways' sockets, which are cut: a stream that ended on them would be over for everybody who follows it.
  server.app.addHook("preClose", () => live.close());
  serveMessages(server.app, { config, ports, log });
  serveRestFacade(server.app, { config, ports, live, record });
  return {
    endpoint,
    listen: () => server.listen(config.address),
    close: async () => {
      await server.close();
      for (const job of jobs.toReversed()) await job.close();
      await outbox.close();
      await queue.close();
      await kpis.close();
      await executor.close();
    },
  };
}

/** What the executor and the meters of model calls tell us. */
function serveMessages(
  app: FastifyInstance,
  { config, ports, log }: { config: PlmsConfig; ports: Ports } & Pick<PlmsDeps, "log">,
): void {
  const { clock } = ports;
  serveWebhooks(app, {
    secrets: config.webhookSecrets,
    clock,
    onReceipts: async (message) => {
      const counts = await recordReceipts(ports, message);
      if (counts.conflicting > 0)
        log.warn(
          { runId: message.executorRunId, ...counts },
          "known receipts came again with other figures; see receiptConflicts of the run",
        );
    },
    onCompletion: (message) => recordCompletion(ports, message),
  });
  serveUsage(app, {
    tokens: config.usageTokens,
    clock,
    onUsage: (told) => recordUsage(ports, told),
    count: (source, outcome) => {
      ports.meter.usage(source, outcome);
      if (outcome.refused > 0) log.warn({ source, ...outcome }, "usage was refused; see usageRefusals");
    },
  });
}
