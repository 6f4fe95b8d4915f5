import type { CircuitSnapshot, CircuitTransition } from "../../lib/circuit-breaker.ts";
import type { GatewayView } from "./context.ts";
import type { SharedStream } from "../subscriptions/triggers.ts";
import type { Demo } from "./demo.ts";
import type { GatewayHistory } from "./history.ts";
import type { OperationSums } from "./minutes.ts";
import type { SubgraphHealth } from "../transport/guard.ts";

/** What resolvers hand on where the schema says so; read by codegen.ts. */
export type DemoMapper = Demo;
export type GatewayHealthMapper = GatewayView;
export type GatewayHistoryMapper = GatewayHistory;
export type OperationLoadMapper = OperationSums;
export type SharedStreamMapper = SharedStream;
export type SubgraphHealthMapper = SubgraphHealth;
export type CircuitBreakerMapper = CircuitSnapshot & { transitions: readonly CircuitTransition[] };
