import { readGatewayConfig } from "../../gateway/config.ts";
import { createGateway } from "../../gateway/server.ts";
import { createLog } from "../../lib/log.ts";

/** This gateway over the supergraph of the environment, without identities: the other servers have none. */
const config = readGatewayConfig({
  PORT: "0",
  AUTH_MODE: "off",
  AUTH_OFF_I_MEAN_IT: "1",
  SUPERGRAPH_FILE: process.env["SUPERGRAPH_FILE"],
  // One client stands for all of them.
  SOCKETS_PER_ADDRESS: "10000",
  SOCKETS_PER_IDENTITY: "10000",
  SUBSCRIPTIONS_PER_IDENTITY: "100000",
  RATE_LIMIT_PER_SECOND: "100000",
  RATE_LIMIT_BURST: "100000",
});
const gateway = await createGateway(config, { log: createLog({ name: "gateway", level: "error" }) });
process.send?.({ port: Number(new URL(await gateway.listen()).port) });
