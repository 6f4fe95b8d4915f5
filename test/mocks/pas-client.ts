import { onTestFinished } from "vitest";
import type { RunView } from "../../mocks/pas/run.ts";
import { createPasMock, type PasMock, type PasMockOptions } from "../../mocks/pas/server.ts";
import { startReceiver, WEBHOOK_SECRET, type Received, type WebhookReceiver } from "./webhook-receiver.ts";

export interface PasUnderTest {
  mock: PasMock;
  url: string;
  receiver: WebhookReceiver;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
  submit(body?: object, headers?: Record<string, string>): Promise<string>;
  view(runId: string): Promise<RunView>;
}

/** Minutes of work in milliseconds: 40 factory tasks are done in less than a tenth of a second. */
const FAST = 20_000;

/** A mock PAS on a free port and a receiver of its webhooks, for the time of one test. */
export async function startPas(
  options: Partial<PasMockOptions> = {},
  statusFor?: (message: Received) => number,
): Promise<PasUnderTest> {
  const receiver = await startReceiver(statusFor);
  const mock = createPasMock({
    webhookSecret: WEBHOOK_SECRET,
    webhookUrl: receiver.url,
    speed: FAST,
    batchMs: 5,
    retryBaseMs: 10,
    ...options,
  });
  const url = await mock.listen({ host: "127.0.0.1", port: 0 });
  onTestFinished(() => mock.close());
  const post: PasUnderTest["post"] = (path, body = {}, headers = {}) =>
    fetch(url + path, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  return {
    mock,
    url,
    receiver,
    post,
    submit: async (body = submission(), headers) => {
      const response = await post("/pas/architect/submit", body, headers);
      return ((await response.json()) as { run_id: string }).run_id;
    },
    view: async (runId) => (await (await fetch(`${url}/pas/runs/${runId}`)).json()) as RunView,
  };
}

/** Tasks of five minutes in one lane each. */
export const submission = (tasks?: number) => ({
  project_id: 7,
  run_kind: "baseline",
  provider_matrix: { anthropic: "2025-01", openai: "2025-02" },
  ...(tasks === undefined ? {} : { tasks: Array.from({ length: tasks }, (_, index) => task(index)) }),
});

const task = (index: number) => ({
  task_id: index + 101,
  lane_id: 4200 + (index % 3),
  complexity: "simple",
  estimated_tokens: 3000,
  estimated_duration_ms: 300_000,
  estimated_cost_usd: 0.18,
});
