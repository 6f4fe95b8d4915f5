import { alertChanges } from "../alert-changes.ts";
import type { Alert as AlertValue } from "../domain/budget-alerts.ts";
import type {
  AlertResolvers,
  ProjectAlertEdgeResolvers,
  QueryResolvers,
  SubscriptionResolvers,
} from "../generated/resolver-types.ts";
import { listAlerts } from "../operations/list-alerts.ts";
import { inside } from "../../kit/enums.ts";
import { present } from "./present.ts";

export const alerts: NonNullable<QueryResolvers["alerts"]> = (_parent, { state }, { ports, principal }) =>
  ports.alerts.list(principal.tenant, state ? inside(state) : undefined);

export const projectAlerts: NonNullable<QueryResolvers["projectAlerts"]> = async (
  _parent,
  { state, kind, projectId, ...page },
  { ports, principal, loaders },
) => {
  const project =
    typeof projectId === "string"
      ? await present(loaders.project.load(projectId), "Project", projectId)
      : undefined;
  return listAlerts(ports, principal.tenant, {
    ...page,
    state: state && inside(state),
    kind: kind && inside(kind),
    projectId: project?.id,
  });
};

export const ProjectAlertEdge: ProjectAlertEdgeResolvers = {
  project: ({ node }, _args, { loaders }) =>
    present(loaders.project.load(node.projectId), "Project", node.projectId),
};

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
