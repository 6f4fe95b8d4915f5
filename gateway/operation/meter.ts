import { OperationTypeNode, type OperationDefinitionNode } from "graphql";
import type { Registry } from "prom-client";
import { hotCounter, hotHistogram } from "../../lib/hot-metrics.ts";
import type { Minutes } from "../edge/minutes.ts";

/** Counts and times operations by kind and outcome, whichever way they come; a subscription until it has begun. */
export interface OperationMeter {
  /** `definition` is missing when the request could not be read. */
  record(
    definition: OperationDefinitionNode | undefined,
    operation: { failed: boolean; startedMs: number },
  ): void;
}

const KINDS = [...Object.values(OperationTypeNode), "unparsed"] as const;

export function createOperationMeter(
  registry: Registry,
  minutes: Pick<Minutes, "operation">,
): OperationMeter {
  const requests = hotCounter({
    name: "gateway_operations_total",
    help: "GraphQL operations over every transport by kind and outcome",
    labelNames: ["kind", "outcome"],
    registry,
  });
  const durations = hotHistogram({
    name: "gateway_operation_duration_seconds",
    help: "Time from the read request to its answer; of a subscription, until it has begun",
    labelNames: ["kind"],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.8, 1, 2.5, 10],
    registry,
  });
  const series = new Map(
    KINDS.map((kind) => [
      kind,
      {
        ok: requests({ kind, outcome: "ok" }),
        errors: requests({ kind, outcome: "errors" }),
        duration: durations({ kind }),
      },
    ]),
  );
  return {
    record: (definition, { failed, startedMs }) => {
      const durationMs = performance.now() - startedMs;
      const counters = series.get(definition?.operation ?? "unparsed");
      counters?.[failed ? "errors" : "ok"].inc();
      counters?.duration.observe(durationMs / 1000);
      minutes.operation(definition, { failed, durationMs });
    },
  };
}
