import { isStorable } from "../../../lib/storable.ts";
import {
  connectionOf,
  numberedPage,
  type Connection,
  type PageArguments,
  type PageRequest,
} from "../../kit/pagination.ts";
import type { Project, Task } from "../domain/project.ts";
import type { Receipt, Run } from "../domain/run.ts";
import { requireLane } from "./find.ts";
import type { Ports } from "../ports.ts";
import type { ById, Page, TaskFilter } from "./ports.ts";

type Projects = Pick<Ports, "projects">;
type Runs = Pick<Ports, "runs">;

/** The tenant's projects on each model, oldest first, in the order of the model ids. */
export async function listProjectsOfModels(
  { projects }: Projects,
  scope: { tenant: string; modelIds: readonly string[] },
  args: PageArguments,
): Promise<Connection<Project>[]> {
  const page = numberedPage(args);
  const storable = scope.modelIds.filter(isStorable);
  const pages = await projects.byModels(scope.tenant, storable, page);
  return scope.modelIds.map((id) => toConnection(pages.get(id), page, idOf));
}

/** The tasks of each project in execution order. */
export async function listTasks(
  { projects }: Projects,
  projectIds: readonly string[],
  args: PageArguments & { [Name in keyof TaskFilter]?: TaskFilter[Name] | null },
): Promise<Connection<Task>[]> {
  const page = numberedPage(args);
  const filter = {
    laneId: args.laneId ?? undefined,
    complexity: args.complexity ?? undefined,
    isCharged: args.isCharged ?? undefined,
  };
  if (filter.laneId !== undefined) await requireLane({ projects }, filter.laneId);
  const pages = await projects.tasks(projectIds, { ...page, ...filter });
  return projectIds.map((id) => toConnection(pages.get(id), page, orderOf));
}

/** The runs of each project, newest first. */
export async function listRuns(
  { runs }: Runs,
  projectIds: readonly string[],
  args: PageArguments,
): Promise<Connection<Run>[]> {
  const page = numberedPage(args);
  return inOrder(projectIds, await runs.byProjects(projectIds, page), page);
}

/** The receipts of each run, newest first. */
export async function listReceipts(
  { runs }: Runs,
  runIds: readonly string[],
  args: PageArguments,
): Promise<Connection<Receipt>[]> {
  const page = numberedPage(args);
  return inOrder(runIds, await runs.receipts(runIds, page), page);
}

const EMPTY: Page<never> = { items: [], totalCount: 0 };
const orderOf = (task: Task): string => String(task.orderIndex);
const idOf = (item: { id: string }): string => item.id;

const inOrder = <T extends { id: string }>(ids: readonly string[], pages: ById<Page<T>>, page: PageRequest) =>
  ids.map((id) => toConnection(pages.get(id), page, idOf));

const toConnection = <T>(
  found: Page<T> | undefined,
  page: PageRequest,
  key: (item: T) => string,
): Connection<T> =>
  connectionOf((found ?? EMPTY).items, page, { key, totalCount: (found ?? EMPTY).totalCount });
