import type { CircuitSnapshot, CircuitTransition } from "../../lib/circuit-breaker.ts";
import type { GatewayView } from "./context.ts";
import type { SubgraphHealth } from "../transport/guard.ts";

/** What resolvers hand on where the schema says so; read by codegen.ts. */
export type GatewayHealthMapper = GatewayView;
export type SubgraphHealthMapper = SubgraphHealth;
export type CircuitBreakerMapper = CircuitSnapshot & { transitions: readonly CircuitTransition[] };
