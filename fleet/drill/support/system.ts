import { startFleet, type Fleet, type FleetOptions } from "../../fleet.ts";
import type { GatewayClient } from "../../../client/graph-client.ts";
import type { DrillContext } from "./drill.ts";
import { startDrillDatabase, type DrillDatabase } from "./database.ts";
import { own } from "./own.ts";
import { checkLedger } from "./settle.ts";
import { createProjects, startTraffic, type Traffic } from "./traffic.ts";

/** Everything that a drill needs: a database and a fleet of its own, and callers. */
export interface DrillSystem {
  database: DrillDatabase;
  fleet: Fleet;
  client: GatewayClient;
  /** Starts callers over new projects; at most 90 runs, which is what the executor's list shows. */
  traffic: (projects: number) => Promise<Traffic>;
  /** Lets the traffic end and holds everything that was acknowledged against what is stored. */
  settle: (traffic: Traffic) => Promise<void>;
}

/** Quick work, quick deliveries and quick second looks: drills wait for all of them. */
const HASTE: NonNullable<FleetOptions["env"]> = {
  mocks: { PAS_SPEED: "600" },
  plms: { RECONCILE_SECONDS: "2", PAS_TIMEOUT_MS: "5000" },
  catalog: { PLM_USAGE_FLUSH_MS: "500" },
};

export async function startSystem(
  { defer, report }: DrillContext,
  options: Omit<FleetOptions, "databaseUrl"> = {},
): Promise<DrillSystem> {
  const database = await startDrillDatabase(defer);
  const env = {
    mocks: { ...HASTE.mocks, ...options.env?.mocks },
    plms: { ...HASTE.plms, ...options.env?.plms },
    catalog: { ...HASTE.catalog, ...options.env?.catalog },
    gateway: { ...options.env?.gateway },
  };
  const fleet = await own(
    defer,
    () => startFleet({ ...options, databaseUrl: database.url, env }),
    (started) => started.close(),
  );
  const client = await fleet.admin();
  return {
    database,
    fleet,
    client,
    traffic: async (projects) => {
      const projectIds = await createProjects(client, { count: projects });
      const traffic = startTraffic({ client, projectIds, mostRuns: 90, pauseMs: 100 });
      defer(traffic.abandon);
      return traffic;
    },
    settle: async (traffic) => {
      await traffic.stop();
      await checkLedger({ fleet, db: database.db, databaseUrl: database.url }, traffic.ledger, report);
      const ended = fleet.members.filter((member) => !member.isRunning()).map(({ name }) => name);
      report.check("every process is up", ended.length === 0, ended.join(", ") || undefined);
    },
  };
}
