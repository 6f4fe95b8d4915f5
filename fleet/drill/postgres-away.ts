import { setTimeout as sleep } from "node:timers/promises";
import type { GatewayClient } from "../../client/graph-client.ts";
import { BudgetRunwayDocument } from "../../schema/generated/documents.ts";
import { waitFor } from "../../lib/wait.ts";
import type { Drill } from "./support/drill.ts";
import { summary } from "./support/figures.ts";
import { startSystem } from "./support/system.ts";

const AWAY_MS = 10_000;
const QUICK_AWAY_MS = 3_000;
/** What pools wait for a connection, and a deadline's worth of slack. */
const ANSWER_WITHIN_MS = 15_000;

/** Stops PostgreSQL under load, and starts it again. */
export const postgresAway: Drill = {
  name: "postgres-away",
  promise:
    "without PostgreSQL for 10 s requests fail with a clear error or wait within their deadline, no process exits, and everything recovers by itself",
  run: async (context) => {
    const { quick, report } = context;
    const { database, fleet, client, traffic: start, settle } = await startSystem(context);
    const runway = client.watch(BudgetRunwayDocument, { projectId: "1" });
    await waitFor(() => runway.events.length > 0, { timeoutMs: 20_000, what: "the stream" });
    const traffic = await start(3);
    await sleep(1_000);
    await database.stop();
    const awayMs = quick ? QUICK_AWAY_MS : AWAY_MS;
    const asked = await askFor(client, awayMs);
    await database.start();
    report.did(`stopped PostgreSQL for ${awayMs} ms and started it again`);
    report.figure("milliseconds until a request was answered meanwhile", summary(asked.tookMs));
    report.check("every request was answered", Math.max(...asked.tookMs) < ANSWER_WITHIN_MS);
    report.check(
      "with errors that leak nothing",
      !/postgres|ECONN|57P|127\.0\.0\.1|select /i.test(asked.words),
      asked.words,
    );
    const startedAt = performance.now();
    await waitFor(
      async () => (await client.query("{ projects(first: 1) { totalCount } }")).errors === undefined,
      {
        timeoutMs: 30_000,
        what: "requests to succeed again",
      },
    );
    report.figure("milliseconds from its return to the first good answer", performance.now() - startedAt);
    await settle(traffic);
    const seen = runway.events.length;
    await client.query(`mutation { updateProjectBudget(projectId: "1", usdMax: 123) { __typename } }`);
    await waitFor(() => runway.events.length > seen, { timeoutMs: 20_000, what: "the stream to go on" });
    report.check("streams go on", runway.problems.length === 0, `${runway.events.length} events`);
    report.check("ready again", await isReady(fleet.urls.plms));
    runway.stop();
  },
};

async function askFor(
  client: GatewayClient,
  durationMs: number,
): Promise<{ tookMs: number[]; words: string }> {
  const until = performance.now() + durationMs;
  const tookMs: number[] = [];
  const words = new Set<string>();
  while (performance.now() < until) {
    const startedAt = performance.now();
    const { errors = [] } = await client.query(
      "{ projects(first: 1) { totalCount } workOrders(first: 1) { totalCount } }",
    );
    tookMs.push(performance.now() - startedAt);
    for (const { message } of errors) words.add(message.replaceAll(/[0-9a-f-]{36}/g, "ID"));
    await sleep(100);
  }
  return { tookMs, words: [...words].join(" | ") };
}

const isReady = async (url: string) => (await fetch(`${url}/readyz`)).ok;
