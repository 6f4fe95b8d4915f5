import type { JSONColumnType } from "kysely";
import type { BigintId } from "./columns.ts";

/** Each subgraph has a log of this shape. */
export interface AuditLogTable {
  seq: BigintId;
  tenant: string;
  actor: string;
  actor_role: "operator" | "supervisor" | "admin";
  /** The token's own id (`jti`). */
  token_id: string | null;
  /** The mutation, as in the schema. */
  action: string;
  entity_type: string;
  entity_id: string | null;
  outcome: "succeeded" | "denied";
  /** The error code of a denied attempt. */
  code: string | null;
  correlation_id: string;
  payload: JSONColumnType<Record<string, unknown>>;
  at: Date;
}
