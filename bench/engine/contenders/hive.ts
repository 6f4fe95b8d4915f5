import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { contend, listen, setting } from "../contender.ts";

interface Peers {
  createGatewayRuntime(options: object): unknown;
  unifiedGraphHandler: unknown;
}

/** Peers live in bench/node_modules, which is not there for those who only type-check. */
const peer = async (name: string) => (await import(name)) as Peers;

await contend(async () => {
  const runtime = await peer("@graphql-hive/gateway-runtime");
  const rust =
    process.env["HIVE_PLANNER"] === "rust" ? await peer("@graphql-hive/router-runtime") : undefined;
  const gateway = runtime.createGatewayRuntime({
    supergraph: readFileSync(setting.supergraphFile, "utf8"),
    logging: false,
    maskedErrors: false,
    ...(rust && { unifiedGraphHandler: rust.unifiedGraphHandler }),
  });
  return listen(createServer(gateway as never));
});
