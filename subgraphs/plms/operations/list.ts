import { badInput } from "../../../lib/errors.ts";
import { connectionOf, pageRequest, type Connection, type PageRequest } from "../../../lib/pagination.ts";
import type { Complexity, Project, ProjectStatus, Task } from "../domain/project.ts";
import type { Receipt, Run } from "../domain/run.ts";
import { requireLane } from "./find.ts";
import type { ById, Page, Ports } from "./ports.ts";

/** The Relay arguments of a list. */
export interface PageArguments {
  first?: number | null | undefined;
  after?: string | null | undefined;
}

type Projects = Pick<Ports, "projects">;
type Runs = Pick<Ports, "runs">;

/** The tenant's projects, oldest first. */
export async function listProjects(
  { projects }: Projects,
  tenant: string,
  args: PageArguments & { status?: ProjectStatus | null | undefined },
): Promise<Connection<Project>> {
  const page = numericPage(args);
  return toConnection(await projects.list(tenant, { ...page, status: args.status ?? undefined }), page, idOf);
}

/** The tenant's projects on each model, oldest first, in the order of the model ids. */
export async function listProjectsOfModels(
  { projects }: Projects,
  scope: { tenant: string; modelIds: readonly string[] },
  args: PageArguments,
): Promise<Connection<Project>[]> {
  const page = numericPage(args);
  const storable = scope.modelIds.filter((id) => !id.includes("\0"));
  const pages = await projects.byModels(scope.tenant, storable, page);
  return scope.modelIds.map((id) => toConnection(pages.get(id), page, idOf));
}

/** The tasks of each project in execution order. */
export async function listTasks(
  { projects }: Projects,
  projectIds: readonly string[],
  args: PageArguments & { laneId?: number | null | undefined; complexity?: Complexity | null | undefined },
): Promise<Connection<Task>[]> {
  const page = numericPage(args);
  const filter = { laneId: args.laneId ?? undefined, complexity: args.complexity ?? undefined };
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
  const page = numericPage(args);
  return inOrder(projectIds, await runs.byProjects(projectIds, page), page);
}

/** The receipts of each run, newest first. */
export async function listReceipts(
  { runs }: Runs,
  runIds: readonly string[],
  args: PageArguments,
): Promise<Connection<Receipt>[]> {
  const page = numericPage(args);
  return inOrder(runIds, await runs.receipts(runIds, page), page);
}

const NUMERIC = /^\d{1,18}$/;
const EMPTY: Page<never> = { items: [], totalCount: 0 };
const orderOf = (task: Task): string => String(task.orderIndex);
const idOf = (item: { id: string }): string => item.id;

/** A page request whose cursor is one of ours in content, too: a forged one never reaches the database. */
function numericPage(args: PageArguments): PageRequest {
  const page = pageRequest(args);
  if (page.after !== undefined && !NUMERIC.test(page.after)) {
    throw badInput("after", args.after, "a cursor taken from an earlier page");
  }
  return page;
}

const inOrder = <T extends { id: string }>(ids: readonly string[], pages: ById<Page<T>>, page: PageRequest) =>
  ids.map((id) => toConnection(pages.get(id), page, idOf));

const toConnection = <T>(
  found: Page<T> | undefined,
  page: PageRequest,
  key: (item: T) => string,
): Connection<T> =>
  connectionOf((found ?? EMPTY).items, page, { key, totalCount: (found ?? EMPTY).totalCount });
