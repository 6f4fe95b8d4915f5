import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type * as config from "../../../gateway/config.ts";
import type * as server from "../../../gateway/server.ts";
import { createLog } from "../../../lib/log.ts";
import { contend, setting } from "../contender.ts";

/** This checkout, or another one to be compared with it. */
const ROOT = new URL("../../../", import.meta.url);
const checkout = process.env["BENCH_CHECKOUT"];
const root = checkout === undefined ? ROOT : pathToFileURL(`${resolve(checkout)}/`);

await contend(async () => {
  const { readGatewayConfig } = (await import(new URL("gateway/config.ts", root).href)) as typeof config;
  const { createGateway } = (await import(new URL("gateway/server.ts", root).href)) as typeof server;
  const settings = readGatewayConfig({
    PORT: "0",
    NODE_ENV: "production",
    SUPERGRAPH_FILE: setting.supergraphFile,
    GATEWAY_SUBGRAPH_SECRET: "a-secret-for-benchmarks",
    JWT_SECRET: setting.jwtSecret,
    // On, but higher than one caller could ever get to.
    RATE_LIMIT_PER_SECOND: "1000000",
    RATE_LIMIT_BURST: "10000000",
    COST_MAX: "1000000000",
    ...setting.environment,
  });
  const gateway = await createGateway(settings, { log: createLog({ name: "gateway", level: "error" }) });
  return `${await gateway.listen()}/graphql`;
});
