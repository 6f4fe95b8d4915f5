import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { endProcess, startProcess } from "../../../fleet/processes.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { waitFor } from "../../../lib/wait.ts";
import { isFull } from "../../support/depth.ts";
import { GATEWAY_SECRET, startPlm } from "../support.ts";
import { admin, startOrders } from "../work-orders/support.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ seed: true });
});
afterAll(() => database.close());

const USAGE = "/plm/usage-metrics";
/** The PLM takes this long to count: time enough for the kill on any machine. */
const COUNTS_AFTER_MS = 1_200;
const DEADLINE_MS = "1500";

test.runIf(isFull)(
  "usage events are counted exactly once although their worker is killed while it delivers them",
  { timeout: 150_000 },
  async () => {
    const { plm, baseUrl } = await startPlm();
    // Plans orders; leaves the forming of batches to the process that will be killed.
    const { plan, as } = await startOrders(database, {
      PLM_BASE_URL: baseUrl,
      PLM_USAGE_FLUSH_MS: "60000",
      PLM_USAGE_DEADLINE_MS: DEADLINE_MS,
    });
    for (let order = 0; order < 3; order += 1) await plan();
    // The PLM counts when its caller is gone already: whoever lives would have to guess.
    plm.setFaults([{ path: USAGE, mode: "slow", latencyMs: COUNTS_AFTER_MS, count: 1 }]);
    const { child } = startProcess("subgraphs/catalog/main.ts", {
      DATABASE_URL: database.url,
      GATEWAY_SUBGRAPH_SECRET: GATEWAY_SECRET,
      PORT: "0",
      LOG_LEVEL: "silent",
      PLM_BASE_URL: baseUrl,
      PLM_CLIENT_ID: "mrp-dev",
      PLM_CLIENT_SECRET: "mrp-dev-secret",
      PLM_USAGE_FLUSH_MS: "10",
      PLM_USAGE_DEADLINE_MS: DEADLINE_MS,
    });
    onTestFinished(async () => void (await endProcess(child, "SIGKILL")));
    await waitFor(() => plm.requests()[USAGE] === 1, { timeoutMs: 90_000, what: "the first delivery" });
    await endProcess(child, "SIGKILL");
    const events = database.db.selectFrom("catalog.usage_events").select("status");
    expect((await events.execute()).map(({ status }) => status)).toEqual(["pending", "pending", "pending"]);
    // Nobody is told: the one that lives takes the batch over when its time is up.
    await waitFor(
      async () => (await as(admin, "{ usageOutbox { pending } }")).data.usageOutbox.pending === 0,
      { timeoutMs: 30_000, what: "the takeover of the batch" },
    );
    expect(plm.requests()[USAGE]).toBeGreaterThan(1);
    expect(plm.usage()).toMatchObject({ events: 3, duplicates: 0, byType: { "work_order.created": 3 } });
    const batches = await database.db.selectFrom("catalog.usage_batches").select("attempts").execute();
    expect(batches.length).toBe(1);
  },
);
