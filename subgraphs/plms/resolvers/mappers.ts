import type { Lane, ProductTarget, Project, Task } from "../domain/project.ts";
import type { Receipt, Run } from "../domain/run.ts";
import type { Runway } from "../domain/runway.ts";
import type { Simulation } from "../operations/simulate-project.ts";

/** What resolvers hand on where the schema has the type of the same name; read by codegen.ts. */
export type ProjectMapper = Project;
export type ProductTargetMapper = ProductTarget;
export type LaneMapper = Lane;
export type TaskMapper = Task;
export type ProjectRunMapper = Run;
export type ReceiptMapper = Receipt;
export type BudgetRunwayMapper = Runway;
export type SimulationMapper = Simulation;

/** Enum values are lower case inside, as `enums.ts` maps them. */
export type ProjectStatusMapper = Project["status"];
export type BreachPolicyMapper = Project["budget"]["onExhausted"];
export type ComplexityMapper = Task["complexity"];
export type TaskStatusMapper = Task["status"];
export type RunKindMapper = Run["kind"];
export type RunStatusMapper = Run["status"];
export type ReceiptStatusMapper = Receipt["status"];
export type RunwayStatusMapper = Runway["status"];
export type RunwayReasonMapper = NonNullable<Runway["reason"]>;

/** Entities of the catalogue: only their ids are known here. */
export type ModelMapper = { id: string };
export type TrimMapper = { id: string };
