import { readGatewayConfig } from "../../../gateway/config.ts";
import { createGateway } from "../../../gateway/server.ts";
import { createLog } from "../../../lib/log.ts";
import { contend, setting } from "../contender.ts";

await contend(async () => {
  const config = readGatewayConfig({
    PORT: "0",
    NODE_ENV: "production",
    SUPERGRAPH_FILE: setting.supergraphFile,
    GATEWAY_SUBGRAPH_SECRET: "a-secret-for-benchmarks",
    JWT_SECRET: setting.jwtSecret,
    // On, but higher than one caller could ever get to.
    RATE_LIMIT_PER_SECOND: "1000000",
    RATE_LIMIT_BURST: "10000000",
    COST_MAX: "1000000000",
  });
  const gateway = await createGateway(config, { log: createLog({ name: "gateway", level: "error" }) });
  return `${await gateway.listen()}/graphql`;
});
