/** A stage of a routing, with the department whose work it is. */
export interface RoutingStage {
  id: string;
  code: string;
  name: string;
  /** Position in the routing, from 1. */
  sequence: number;
  enabled: boolean;
  workCenterId: string;
  standardStageSeconds: number;
  departmentId: string;
  department: string;
}

/** The way of a product through the departments. */
export interface Routing {
  id: string;
  /** Code of the model. */
  model: string;
  /** Name of the trim; null for every trim of the model. */
  trim: string | null;
  version: number;
  status: "draft" | "released";
  /** In the order of their sequence. */
  stages: readonly RoutingStage[];
}

export const enabledStages = (routing: Pick<Routing, "stages">): readonly RoutingStage[] =>
  routing.stages.filter(({ enabled }) => enabled);

/** Why orders cannot follow the routing, as a sentence that names the departments; undefined when they can. */
export function routingProblem(routing: Routing, activeDepartments: ReadonlySet<string>): string | undefined {
  const stages = enabledStages(routing);
  if (stages.length === 0) return `Routing ${JSON.stringify(routing.id)} has no enabled stage`;
  const idle = [...new Set(stages.map(({ department }) => department))].filter(
    (department) => !activeDepartments.has(department),
  );
  if (idle.length === 0) return undefined;
  const names = idle.map((name) => JSON.stringify(name)).join(", ");
  const subject = idle.length === 1 ? `Department ${names} has` : `Departments ${names} have`;
  return `${subject} no active work center, which routing ${JSON.stringify(routing.id)} needs; activate one or choose another routing`;
}
