import { fileURLToPath } from "node:url";
import { createInvariants } from "../adapters/invariants.ts";
import { createLaneStore } from "../adapters/lane-store.ts";
import { createPortfolioStore } from "../adapters/portfolio-store.ts";
import { createDocuments } from "../adapters/documents.ts";
import { createPassportStore } from "../adapters/passport-store.ts";
import { createProjectCreation } from "../adapters/project-creation.ts";
import { createReconciliationStore } from "../adapters/reconciliation-store.ts";
import { createRunControlStore } from "../adapters/run-control-store.ts";
import { runEnvironment } from "../adapters/run-environment.ts";
import type { PlmsConfig } from "../config.ts";
import type { ControlPorts } from "../operations/control-ports.ts";
import type { InvariantPorts } from "../operations/invariant-ports.ts";
import type { PortfolioPorts } from "../operations/portfolio-ports.ts";
import type { SubgraphDeps } from "../../kit/run-subgraph.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/** What it takes to create projects and to steer runs. */
export function controlPorts(
  { artifactsDir, gitCommit }: Pick<PlmsConfig, "artifactsDir" | "gitCommit">,
  { db }: Pick<SubgraphDeps, "db">,
  usableKpis: readonly string[],
): ControlPorts & InvariantPorts & PortfolioPorts {
  return {
    invariants: createInvariants(db),
    portfolio: createPortfolioStore(db),
    projectCreation: createProjectCreation(db),
    lanes: createLaneStore(db),
    runControl: createRunControlStore(db),
    passports: createPassportStore(db),
    reconciliation: createReconciliationStore(db),
    documents: createDocuments(artifactsDir),
    environment: runEnvironment(gitCommit, ROOT),
    usableKpis,
  };
}
