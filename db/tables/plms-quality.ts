import type { Bigint, BigintId } from "./columns.ts";

export interface ProjectEchoGateTable {
  project_id: Bigint;
  lane_id: number;
  min_cos: number;
}

/** What people decided, written once. */
export interface ProjectApprovalTable {
  id: BigintId;
  project_id: Bigint;
  run_id: string | null;
  gate: "prd_review" | "budget_approval" | "quality_override" | "replan_request";
  status: "approved" | "rejected" | "pending";
  approver: string;
  reason: string;
  correlation_id: string;
  approved_at: Date;
}
