import { randomUUID } from "node:crypto";
import { systemClock, type Clock } from "../../lib/clock.ts";
import { createLog, type Log } from "../../lib/log.ts";
import { ANSWER_MODES, WEBHOOK_MODES, type FaultMode } from "../faults.ts";
import { createMockServer, type Mock } from "../mock-server.ts";
import type { Shape } from "../spoil.ts";
import { createCourier, type DeliveryCounts } from "./courier.ts";
import { addPasRoutes } from "./routes.ts";
import { createRuns } from "./runs.ts";
import { createWebhookPost } from "./webhook-post.ts";

export interface PasMockOptions {
  /** Signs the webhooks, `whsec_…`. */
  webhookSecret: string;
  /** Base URL of the receiver; default http://127.0.0.1:6100. */
  webhookUrl?: string;
  /** Minutes of work done in one minute; default 60. */
  speed?: number;
  /** Share of tasks that fail, 0-1; default 0.02. */
  failureRate?: number;
  /** Decides costs, tokens, durations and failures; default 1. */
  seed?: number;
  /** How long receipts are gathered into one message, in milliseconds; default 100. */
  batchMs?: number;
  /** Wait before the first retry of a webhook, in milliseconds; doubles up to ten seconds; default 250. */
  retryBaseMs?: number;
  /** Default: the system's. */
  clock?: Clock;
  /** Default: random UUIDs. */
  newId?: () => string;
  /** Default: silent. */
  log?: Log;
}

export interface PasMock extends Mock {
  /** Where webhooks go from now on, retries of old ones too. */
  setWebhookUrl(baseUrl: string): void;
  deliveries(): DeliveryCounts;
}

const MODES: readonly FaultMode[] = [...new Set([...ANSWER_MODES, ...WEBHOOK_MODES])];
/** Room for a submission of ten thousand tasks. */
const BODY_LIMIT_BYTES = 8 * 1_048_576;

const SHAPE: Shape = {
  required: ["run_id", "status"],
  renamed: { run_id: "runId", status: "state", spend_usd: "spend" },
  retyped: ["tasks_total", "run_id"],
};

const DEFAULTS = {
  webhookUrl: "http://127.0.0.1:6100",
  speed: 60,
  failureRate: 0.02,
  seed: 1,
  batchMs: 100,
  retryBaseMs: 250,
  clock: systemClock,
  newId: randomUUID as () => string,
};

/** The executor (PAS) as a real HTTP server: does invented work over time and reports it by signed webhooks. */
export function createPasMock(options: PasMockOptions): PasMock {
  const settings = { ...DEFAULTS, ...options };
  const { seed } = settings;
  const log = options.log ?? createLog({ name: "mock-pas", level: "silent" });
  const server = createMockServer({
    log,
    seed,
    modes: MODES,
    shape: SHAPE,
    bodyLimitBytes: BODY_LIMIT_BYTES,
  });
  const { webhookUrl: baseUrl, webhookSecret: secret, clock, retryBaseMs } = settings;
  const post = createWebhookPost({ baseUrl, secret, clock, log });
  const courier = createCourier({ post, faults: server.faults, log, retryBaseMs });
  const runs = createRuns({ ...settings, courier });
  addPasRoutes(server.app, { runs, courier, active: server.active });
  return {
    ...server.mock,
    setWebhookUrl: (url) => post.setUrl(url),
    deliveries: () => courier.counts(),
    close: async () => {
      runs.close();
      await Promise.all([courier.close(), server.mock.close()]);
    },
  };
}
