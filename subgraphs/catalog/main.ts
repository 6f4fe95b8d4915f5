import { runSubgraph } from "../kit/run-subgraph.ts";
import { runProcess } from "../../lib/process.ts";
import { readCatalogConfig } from "./config.ts";
import { createCatalogSubgraph } from "./server.ts";

await runProcess(async () => {
  const config = readCatalogConfig();
  return runSubgraph({ name: "catalog", ...config }, (deps) => createCatalogSubgraph(config, deps));
});
