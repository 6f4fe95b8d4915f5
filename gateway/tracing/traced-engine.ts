import type { ExecutionEngine, Operation } from "../execution/engine.ts";
import type { Tracing } from "./tracing.ts";

/** The same engine with a span for every operation, whichever way it came in. */
export function traceEngine(engine: ExecutionEngine, tracing: Tracing): ExecutionEngine {
  const begin = ({ definition }: Operation, parent: string | undefined, correlationId: string) => {
    const { operation, name } = definition;
    return tracing.begin(name ? `${operation} ${name.value}` : operation, {
      kind: "operation",
      parent,
      attributes: {
        "graphql.operation.type": operation,
        ...(name && { "graphql.operation.name": name.value }),
        correlation_id: correlationId,
      },
    });
  };
  return {
    ...engine,
    execute: async (operation, caller) => {
      const work = begin(operation, caller.traceparent, caller.correlationId);
      if (!work.isRecorded) return engine.execute(operation, caller);
      const result = await engine.execute(operation, { ...caller, traceparent: work.traceparent });
      work.end({ failed: result.errors?.[0] });
      return result;
    },
    executeText: async (operation, caller) => {
      const work = begin(operation, caller.traceparent, caller.correlationId);
      if (!work.isRecorded) return engine.executeText(operation, caller);
      const answer = await engine.executeText(operation, { ...caller, traceparent: work.traceparent });
      work.end({ failed: answer.errors?.[0], attributes: { execution_path: answer.path } });
      return answer;
    },
  };
}
