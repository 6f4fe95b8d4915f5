import type { Caller } from "../../lib/graphql-endpoint.ts";
import type { ExecutionEngine, Operation } from "../execution/engine.ts";
import type { TracedWork, Tracing } from "./tracing.ts";

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
  const recordedResult = async (work: TracedWork, operation: Operation, caller: Caller) => {
    const result = await engine.execute(operation, { ...caller, traceparent: work.traceparent });
    work.end({ failed: result.errors?.[0] });
    return result;
  };
  const recordedAnswer = async (work: TracedWork, operation: Operation, caller: Caller) => {
    const answer = await engine.executeText(operation, { ...caller, traceparent: work.traceparent });
    work.end({ failed: answer.errors?.[0], attributes: { execution_path: answer.path } });
    return answer;
  };
  return {
    ...engine,
    execute: (operation, caller) => {
      const work = begin(operation, caller.traceparent, caller.correlationId);
      return work.isRecorded ? recordedResult(work, operation, caller) : engine.execute(operation, caller);
    },
    executeText: (operation, caller) => {
      const work = begin(operation, caller.traceparent, caller.correlationId);
      return work.isRecorded
        ? recordedAnswer(work, operation, caller)
        : engine.executeText(operation, caller);
    },
  };
}
