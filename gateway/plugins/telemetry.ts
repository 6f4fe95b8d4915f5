import type { ApolloServerPlugin } from "@apollo/server";
import { Counter, Histogram, type Registry } from "prom-client";
import type { GatewayContext } from "../context.ts";

/** Counts and times HTTP operations by kind and outcome, whichever way they were answered. */
export interface OperationMeter {
  record(kind: string, operation: { failed: boolean; startedMs: number }): void;
}

export function createOperationMeter(registry: Registry): OperationMeter {
  const requests = new Counter({
    name: "gateway_operations_total",
    help: "GraphQL operations over HTTP by kind and outcome",
    labelNames: ["kind", "outcome"] as const,
    registers: [registry],
  });
  const durations = new Histogram({
    name: "gateway_operation_duration_seconds",
    help: "Time from the parsed request to the finished response",
    labelNames: ["kind"] as const,
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.8, 1, 2.5, 10],
    registers: [registry],
  });
  return {
    record: (kind, { failed, startedMs }) => {
      requests.inc({ kind, outcome: failed ? "errors" : "ok" });
      durations.observe({ kind }, (performance.now() - startedMs) / 1000);
    },
  };
}

/** Records what Apollo Server answers. */
export function useTelemetry(meter: OperationMeter): ApolloServerPlugin<GatewayContext> {
  return {
    async requestDidStart() {
      const startedMs = performance.now();
      return {
        async willSendResponse({ operation, response }) {
          const kind = operation?.operation ?? "unparsed";
          const { body } = response;
          const failed = body.kind === "single" && (body.singleResult.errors?.length ?? 0) > 0;
          meter.record(kind, { failed, startedMs });
        },
      };
    },
  };
}
