/** What a person decided about a project or one of its runs. */
export interface Approval {
  id: string;
  projectId: string;
  runId: string | null;
  gate: "prd_review" | "budget_approval" | "quality_override" | "replan_request";
  status: "approved" | "rejected" | "pending";
  approver: string;
  reason: string;
  correlationId: string;
  approvedAt: Date;
}

/** That a person let a run pass whose validation had not. */
export interface QualityOverride {
  reason: string;
  by: string;
  at: Date;
}
