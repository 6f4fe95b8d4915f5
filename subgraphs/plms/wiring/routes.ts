import type { FastifyInstance } from "fastify";
import type { RecordAttempt } from "../../kit/audited.ts";
import type { Clock } from "../../../lib/clock.ts";
import type { Log } from "../../../lib/log.ts";
import { serveUsage } from "../adapters/usage/routes.ts";
import { serveWebhooks } from "../adapters/webhooks.ts";
import type { PlmsConfig } from "../config.ts";
import type { Live } from "../live.ts";
import type { Ports } from "../operations/ports.ts";
import { recordCompletion } from "../operations/record-completion.ts";
import { recordUsage } from "../operations/record-usage.ts";
import { recordReceipts } from "../operations/record-receipts.ts";
import { serveRestFacade } from "./rest.ts";

export interface RouteOptions {
  config: PlmsConfig;
  clock: Clock;
  ports: Ports;
  live: Live;
  /** Writes attempted mutations into the audit log. */
  record: RecordAttempt;
  log: Log;
}

/** What is served besides GraphQL, one concern a line. */
export function serveRoutes(
  app: FastifyInstance,
  { config, clock, ports, live, record, log }: RouteOptions,
): void {
  serveWebhooks(app, {
    secrets: config.webhookSecrets,
    clock,
    onReceipts: async (message) => {
      const counts = await recordReceipts(ports, message);
      if (counts.conflicting > 0)
        log.warn(
          { runId: message.executorRunId, ...counts },
          "known receipts came again with other figures; see receiptConflicts of the run",
        );
    },
    onCompletion: (message) => recordCompletion(ports, message),
  });
  serveUsage(app, {
    tokens: config.usageTokens,
    clock,
    onUsage: (told) => recordUsage(ports, told),
    count: (source, outcome) => {
      ports.meter.usage(source, outcome);
      if (outcome.refused > 0) log.warn({ source, ...outcome }, "usage was refused; see usageRefusals");
    },
  });
  serveRestFacade(app, { config, ports, live, record });
}
