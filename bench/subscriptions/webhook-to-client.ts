import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { WebSocket } from "ws";
import { createLiveClient } from "../../client/live-client.ts";
import { startDrillDatabase } from "../../fleet/drill/support/database.ts";
import { SECRETS, startFleet } from "../../fleet/fleet.ts";
import { signWebhook } from "../../lib/webhook-signature.ts";
import { waitFor } from "../../lib/wait.ts";
import { insertRun } from "../../test/plms/fixtures.ts";
import { startNatsServer } from "../../test/support/nats-server.ts";

/**
 * From a webhook of the executor that uses a budget up to the alert at a client of the gateway, without a broker and with
 * NATS JetStream, in turns: `node bench/subscriptions/webhook-to-client.ts [--events 40] [--rounds 2]`. Processes are as in `npm run fleet`.
 */
const { values } = parseArgs({
  options: {
    events: { type: "string", default: "40" },
    rounds: { type: "string", default: "2" },
  },
});
const WARM_UP = 5;

const cleanUp = new AsyncDisposableStack();
const defer = (action: () => Promise<unknown> | void) =>
  cleanUp.defer(async () => {
    await action();
  });
const late: Record<string, number[]> = { "without a broker": [], "NATS JetStream": [] };
for (let round = 0; round < Number(values.rounds); round += 1) {
  late["without a broker"]?.push(...(await lateness({})));
  const nats = await startNatsServer();
  late["NATS JetStream"]?.push(...(await lateness({ EVENT_BROKER_URL: nats.url })));
  await nats.close();
}
for (const [name, all] of Object.entries(late)) {
  const sorted = all.toSorted((a, b) => a - b);
  const at = (share: number) => Number(sorted[Math.floor(sorted.length * share)]?.toFixed(1));
  process.stdout.write(
    `${JSON.stringify({ from: name, events: all.length, p50Ms: at(0.5), p90Ms: at(0.9) })}\n`,
  );
}
await cleanUp.disposeAsync();
process.exit(0);

async function lateness(env: Record<string, string>): Promise<number[]> {
  const database = await startDrillDatabase(defer);
  const fleet = await startFleet({
    databaseUrl: database.url,
    env: { gateway: env, plms: env, catalog: env },
  });
  const arrived = new Map<string, number>();
  const token = await fleet.token("admin");
  const live = createLiveClient({
    url: `${fleet.urls.gateway.replace("http", "ws")}/graphql`,
    token: () => token,
    webSocketImpl: WebSocket,
  });
  live.subscribe<{ projectAlert: { subject: string } }>(
    { query: "subscription { projectAlert { subject } }" },
    {
      next: ({ data }) => {
        const subject = data?.projectAlert.subject;
        if (subject !== undefined && !arrived.has(subject)) arrived.set(subject, performance.now());
      },
      error: (errors) => process.stderr.write(`${JSON.stringify(errors)}\n`),
      complete: () => {},
    },
  );
  const send = async () => {
    const run = await insertRun(database, {}, { usdMax: 0.2 });
    const sentMs = performance.now();
    await tell(fleet.urls.plms, { run_id: run.executorRunId, receipts: [receiptOf(run.taskIds[0])] });
    return { subject: `project:${run.projectId}`, sentMs };
  };
  // A broker tells what happens from the moment on in which somebody listens.
  while (arrived.size === 0) {
    await send();
    await sleep(500);
  }
  const measured: number[] = [];
  for (let event = 0; event < WARM_UP + Number(values.events); event += 1) {
    const { subject, sentMs } = await send();
    await waitFor(() => arrived.has(subject), { timeoutMs: 30_000, what: "the alert" });
    if (event >= WARM_UP) measured.push((arrived.get(subject) ?? 0) - sentMs);
  }
  await live.close();
  await fleet.close();
  return measured;
}

async function tell(plms: string, body: object): Promise<void> {
  const text = JSON.stringify(body);
  const signed = signWebhook(SECRETS.WEBHOOK_SECRET_PAS, {
    id: randomUUID(),
    timestampSeconds: Math.floor(Date.now() / 1000),
    body: text,
  });
  const headers = { "content-type": "application/json", ...signed };
  const { status } = await fetch(`${new URL(plms).origin}/webhooks/pas/receipts`, {
    method: "POST",
    headers,
    body: text,
  });
  if (status >= 300) throw new Error(`The webhook was answered with ${status}`);
}

function receiptOf(taskId: string | undefined): object {
  return {
    receipt_id: randomUUID(),
    task_id: taskId,
    lane_id: 4200,
    provider: "gpt-4",
    tokens: 900,
    duration_ms: 1_000,
    cost_usd: 0.25,
    echo_cos: 0.9,
    status: "succeeded",
    occurred_at: new Date().toISOString(),
  };
}
