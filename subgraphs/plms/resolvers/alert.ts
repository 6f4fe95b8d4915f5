import { alertChanges } from "../alert-changes.ts";
import type { Alert as AlertValue } from "../domain/budget-alerts.ts";
import type { AlertResolvers, QueryResolvers, SubscriptionResolvers } from "../generated/resolver-types.ts";
import { inside } from "../../kit/enums.ts";
import { present } from "./present.ts";

export const alerts: NonNullable<QueryResolvers["alerts"]> = (_parent, { state }, { ports, principal }) =>
  ports.alerts.list(principal.tenant, state ? inside(state) : undefined);

export const projectAlert: NonNullable<SubscriptionResolvers["projectAlert"]> = {
  subscribe: async (_parent, { projectId }, { loaders, live, principal }) => {
    const project =
      typeof projectId === "string"
        ? await present(loaders.project.load(projectId), "Project", projectId)
        : undefined;
    return alertChanges(
      live.alerts.watch(principal.tenant),
      (alert) => project === undefined || alert.projectId === project.id,
    );
  },
  resolve: (alert: AlertValue) => alert,
};

export const Alert: AlertResolvers = {
  kind: ({ kind }) => kind.toUpperCase(),
  subject: ({ projectId }) => `project:${projectId}`,
  // An alert about a budget is not looked after but mended: with another budget, or by ending the run.
  acknowledgedAt: () => null,
  acknowledgedBy: () => null,
};
