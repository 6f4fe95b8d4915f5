import { PlmFailure, type PlmSource } from "../../../products/operations/ports.ts";
import { type CircuitBreaker, CircuitOpenError, type Verdict } from "../../../../../lib/circuit-breaker.ts";

/** A source that its circuit breaker shields: while the circuit is open, callers learn so at once. */
export function guardPlmSource(source: PlmSource, breaker: CircuitBreaker): PlmSource {
  const guarded = async <T>(call: () => Promise<T>): Promise<T> => {
    try {
      return await breaker.run(call);
    } catch (error) {
      if (!(error instanceof CircuitOpenError)) throw error;
      const { retryAfterMs } = error;
      throw new PlmFailure("CIRCUIT_OPEN", error.message, {
        countsForCircuit: false,
        retryAfterMs,
        cause: error,
      });
    }
  };
  return {
    readCatalogue: (request) => guarded(() => source.readCatalogue(request)),
    readConfiguration: (request) => guarded(() => source.readConfiguration(request)),
  };
}

/** What a failed call says about the PLM's health. */
export function judgePlmFailure(error: unknown): Verdict {
  if (!(error instanceof PlmFailure)) return { counts: true };
  return { counts: error.details.countsForCircuit, retryAfterMs: error.details.retryAfterMs };
}
