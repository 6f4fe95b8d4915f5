import { createAttemptRecorder } from "../kit/attempts.ts";
import { healthOf } from "../kit/readiness.ts";
import { createGraphQLEndpoint } from "../../lib/graphql-endpoint.ts";
import { createHttpServer } from "../../lib/http-server.ts";
import type { Subgraph } from "../kit/run-subgraph.ts";
import { serveSubgraph } from "../../lib/subgraph-server.ts";
import { applyLanesFile } from "./adapters/lanes-file.ts";
import { createMeter } from "./adapters/metrics.ts";
import { createPasClient } from "./adapters/pas-client.ts";
import { createQueue } from "./adapters/queue.ts";
import type { PlmsConfig } from "./config.ts";
import { createContext } from "./context.ts";
import { createLive } from "./live.ts";
import { defineLanes } from "./operations/define-lanes.ts";
import { loadSchema } from "./schema.ts";
import { startBackground } from "./wiring/background.ts";
import type { SubgraphDeps } from "../kit/run-subgraph.ts";
import { kpiPorts } from "./wiring/kpi-ports.ts";
import { wirePorts } from "./wiring/ports.ts";
import { serveRoutes } from "./wiring/routes.ts";

/** The PLMS subgraph, wired: resolves once it hears of changes, and serves HTTP after `listen`. */
export async function createPlmsSubgraph(config: PlmsConfig, deps: SubgraphDeps): Promise<Subgraph> {
  const { clock, log } = deps;
  const server = createHttpServer({ log, ...healthOf(deps) });
  const executor = createPasClient(config.pas);
  const queue = await createQueue(deps);
  const kpis = kpiPorts(config, deps);
  const ports = wirePorts(config, deps, { executor, queue, kpis, meter: createMeter(server.metrics) });
  if (config.lanesFile !== undefined)
    await applyLanesFile(config.lanesFile, (lanes) => defineLanes(ports, lanes, "file"));
  const live = await createLive({ ...deps, ports, refreshMs: config.runwayRefreshMs });
  const background = await startBackground({ config, deps, ports, queue });
  const record = createAttemptRecorder("plms.audit_log", deps);
  const schema = loadSchema(record);
  const endpoint = createGraphQLEndpoint({
    schema,
    createContext: (caller) => createContext({ ports, live }, caller),
    extensionsOf: ({ extensions }) => extensions,
    log,
  });
  serveSubgraph(server.app, { endpoint, schema, gatewaySecret: config.gatewaySecret });
  serveRoutes(server.app, { config, clock, ports, live, record, log });
  return {
    endpoint,
    listen: () => server.listen(config.address),
    close: async () => {
      await live.close();
      await server.close();
      for (const part of background.toReversed()) await part.close();
      await queue.close();
      await kpis.close();
      await executor.close();
    },
  };
}
