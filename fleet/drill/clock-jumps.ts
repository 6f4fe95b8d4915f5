import { rename, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "kysely";
import { SECRETS } from "../fleet.ts";
import { signWebhook } from "../../lib/webhook-signature.ts";
import { BudgetRunwayDocument } from "../../schema/generated/documents.ts";
import { waitFor } from "../../lib/wait.ts";
import type { Drill, DrillContext } from "./support/drill.ts";
import { temporaryFolder } from "./support/database.ts";
import { startSystem, type DrillSystem } from "./support/system.ts";

const PRELOAD = resolve(import.meta.dirname, "support/shifted-clock.ts");
const HOUR_MS = 3_600_000;
const JUMPS_MS = [HOUR_MS, -HOUR_MS, 200_000, 0];
/** A second that only leap years of the Earth's rotation have, and an hour that a spring night skips. */
const ODD_MOMENTS = ["2016-12-31T23:59:60Z", "2026-03-29T02:30:00+01:00", "2026-10-25T02:30:00+02:00"];

/** Sets the calendar clocks of all processes forth and back, in odd time zones, while runs burn money. */
export const clockJumps: Drill = {
  name: "clock-jumps",
  promise:
    "jumps of the clock, daylight saving and leap seconds lose nothing, open no circuit and stop no stream: durations come from monotonic time, what is stored is UTC",
  run: async (context) => {
    const { quick, report, defer } = context;
    const clockFile = join(await temporaryFolder(defer), "offset");
    const setClock = async (ms: number) => {
      await writeFile(`${clockFile}.new`, String(ms));
      await rename(`${clockFile}.new`, clockFile);
    };
    await setClock(0);
    const clock = { NODE_OPTIONS: `--import=${PRELOAD}`, CLOCK_OFFSET_FILE: clockFile };
    const system = await startSystem(context, {
      env: {
        mocks: clock,
        plms: { ...clock, TZ: "America/St_Johns" },
        catalog: { ...clock, TZ: "Pacific/Apia" },
        gateway: { ...clock, TZ: "Asia/Kathmandu" },
      },
    });
    const runway = system.client.watch(BudgetRunwayDocument, { projectId: "1" });
    const traffic = await system.traffic(3);
    for (const jump of JUMPS_MS) {
      await setClock(jump);
      await sleep(quick ? 1_500 : 6_000);
      report.did(
        `set all clocks ${jump / 1000} s off; ${traffic.ledger.orders.size} orders acknowledged so far`,
      );
      await expectAlive(system, report);
    }
    await postOddMoments(system, report);
    await system.settle(traffic);
    await checkTimes(system, report);
    const seen = runway.events.length;
    await system.client.query(`mutation { updateProjectBudget(projectId: "1", usdMax: 321) { __typename } }`);
    await waitFor(() => runway.events.length > seen, { timeoutMs: 20_000, what: "the stream to go on" });
    report.check("streams go on", runway.problems.length === 0, `${runway.events.length} events`);
    runway.stop();
  },
};

async function expectAlive({ client }: DrillSystem, report: DrillContext["report"]): Promise<void> {
  const startedAt = performance.now();
  const { data, errors } = await client.query<{ plmCircuitBreaker: { state: string } }>(
    "{ plmCircuitBreaker { state } models(first: 4) { edges { node { name } } } }",
  );
  const tookMs = Math.round(performance.now() - startedAt);
  const state = data?.plmCircuitBreaker.state;
  report.check(
    "  the circuit is closed and models are there",
    errors === undefined && state === "CLOSED",
    `${state}, ${tookMs} ms`,
  );
}

/** Signed receipts of an unknown run: what counts is that odd moments are understood or refused, never a crash. */
async function postOddMoments({ fleet }: DrillSystem, report: DrillContext["report"]): Promise<void> {
  for (const moment of ODD_MOMENTS) {
    const body = JSON.stringify({
      run_id: "run-of-nobody",
      receipts: [
        {
          receipt_id: moment,
          task_id: "1",
          lane_id: 4200,
          provider: "drill",
          tokens: 1,
          duration_ms: 1,
          cost_usd: 0.1,
          status: "succeeded",
          occurred_at: moment,
        },
      ],
    });
    const timestampSeconds = Math.floor(Date.now() / 1000);
    const headers = {
      ...signWebhook(SECRETS.WEBHOOK_SECRET_PAS, { id: `drill-${moment}`, timestampSeconds, body }),
    };
    const { status } = await fetch(`${fleet.urls.plms}/webhooks/pas/receipts`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body,
    });
    report.check(`a receipt of ${moment} is answered with reason`, status < 500, `HTTP ${status}`);
  }
}

async function checkTimes({ database }: DrillSystem, report: DrillContext["report"]): Promise<void> {
  const { rows } = await sql<{ strange: string; negative: string }>`
    select
      (select count(*) from plms.project_runs
        where created_by = 'local-admin' and abs(extract(epoch from now() - created_at)) > 2 * 3600) as strange,
      (select count(*) from plms.receipts where duration_ms < 0) as negative`.execute(database.db);
  report.check("what was stored is UTC, whatever the zone of the process", rows[0]?.strange === "0");
  report.check("no duration is negative", rows[0]?.negative === "0");
}
