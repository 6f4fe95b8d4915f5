import { createLog } from "../lib/log.ts";
import { runProcess } from "../lib/process.ts";
import { readGatewayConfig } from "./config.ts";
import { createGateway } from "./server.ts";

await runProcess(async () => {
  const config = readGatewayConfig();
  const log = createLog({ name: "gateway", level: config.logLevel });
  const gateway = await createGateway(config, { log });
  log.info({ url: await gateway.listen() }, "gateway is listening");
  return gateway;
});
