import { readEnvironment } from "../../lib/env.ts";
import { publicAddresses } from "../../lib/outbound-env.ts";
import { tokenRules } from "../../lib/token-env.ts";
import { subgraphConfigOf, subgraphVariables, type SubgraphConfig } from "../kit/config.ts";
import {
  badMaintenanceWindow,
  neededByPlm,
  plmConfigOf,
  plmVariables,
  type PlmConfig,
} from "./plm/config.ts";
import { workOrderConfigOf, workOrderVariables, type WorkOrderConfig } from "./work-orders/config.ts";

/** Environment of the catalogue subgraph. */
export const catalogVariables = {
  ...subgraphVariables(6200),
  ...plmVariables,
  ...workOrderVariables,
};

/** Everything that the catalogue subgraph can be told; durations carry their unit. */
export interface CatalogConfig extends SubgraphConfig {
  work: WorkOrderConfig;
  plm: PlmConfig;
}

/**
 * Reads the environment of the catalogue subgraph.
 *
 * @throws EnvironmentError naming every bad variable
 */
export function readCatalogConfig(
  source: Readonly<Record<string, string | undefined>> = process.env,
): CatalogConfig {
  const isDisabled = source["PLM_MODE"] === "disabled";
  const env = readEnvironment(
    isDisabled ? catalogVariables : { ...catalogVariables, ...neededByPlm },
    source,
    [badMaintenanceWindow, ...tokenRules, ...publicAddresses("PLM_BASE_URL")],
  );
  return {
    ...subgraphConfigOf(env),
    work: workOrderConfigOf(env),
    plm: plmConfigOf(env),
  };
}
