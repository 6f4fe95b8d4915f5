import { badStart } from "./bad-start.ts";
import { clockJumps } from "./clock-jumps.ts";
import type { Drill } from "./support/drill.ts";
import { gatewayReplicas } from "./gateway-replicas.ts";
import { killNine } from "./kill-nine.ts";
import { pasFaults } from "./pas-faults.ts";
import { plmChaos } from "./plm-chaos.ts";
import { plmRollback } from "./plm-rollback.ts";
import { postgresAway } from "./postgres-away.ts";
import { productTables } from "./plm/product-tables.ts";
import { proof } from "./proof/proof.ts";
import { redisGone } from "./redis-gone.ts";
import { rollingUpgrade } from "./rolling-upgrade.ts";
import { soak } from "./soak.ts";
import { subgraphFaults } from "./subgraph-faults.ts";

/** Every drill; one or more for each row of the table of faults and promises in docs/drills.md. */
export const drills: readonly Drill[] = [
  badStart,
  killNine,
  postgresAway,
  pasFaults,
  plmRollback,
  plmChaos,
  productTables,
  subgraphFaults,
  gatewayReplicas,
  redisGone,
  proof,
  rollingUpgrade,
  clockJumps,
  soak,
];
