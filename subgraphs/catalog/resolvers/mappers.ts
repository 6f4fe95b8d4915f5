import type { ModelView, TrimView } from "../operations/views.ts";
import type { CircuitSnapshot } from "../operations/ports.ts";

/** What resolvers hand on where the schema says `Model`, `Trim` and `CircuitBreaker`; read by codegen.ts. */
export type ModelMapper = ModelView;
export type TrimMapper = TrimView;
export type CircuitBreakerMapper = CircuitSnapshot;
