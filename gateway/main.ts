import { integerFlag, readCommandLine } from "../lib/command-line.ts";
import { createLog } from "../lib/log.ts";
import { runProcess } from "../lib/process.ts";
import { readGatewayConfig } from "./config.ts";
import { createGateway } from "./server.ts";
import { runWorkers } from "./workers/primary.ts";

const USAGE = `npm run gateway -- [--workers N]

Serves the supergraph of SUPERGRAPH_FILE. With --workers as N processes on one port, from 1 to 64, which SIGHUP
replaces one after the other; without it in this process alone.`;

await runProcess(async () => {
  const { values } = readCommandLine(USAGE, { options: { workers: { type: "string" } } });
  const workers =
    values.workers === undefined ? undefined : integerFlag("workers", values.workers, { min: 1, max: 64 });
  const config = readGatewayConfig();
  const log = createLog({ name: "gateway", level: config.logLevel });
  if (workers !== undefined) {
    const running = await runWorkers(workers, { config, log });
    log.info({ url: running.url, workers }, "gateway is listening");
    return running;
  }
  const gateway = await createGateway(config, { log });
  log.info({ url: await gateway.listen() }, "gateway is listening");
  return gateway;
});
