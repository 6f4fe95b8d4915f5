import { runSubgraph } from "../kit/run-subgraph.ts";
import { runProcess } from "../../lib/process.ts";
import { readPlmsConfig } from "./config.ts";
import { createPlmsSubgraph } from "./server.ts";

await runProcess(async () => {
  const config = readPlmsConfig();
  return runSubgraph({ name: "plms", ...config }, (deps) => createPlmsSubgraph(config, deps));
});
