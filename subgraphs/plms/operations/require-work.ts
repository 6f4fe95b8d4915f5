import { CodedError, notFound } from "../../../lib/errors.ts";
import type { Project, Task } from "../domain/project.ts";
import { findProjects } from "./find.ts";
import type { Ports } from "../ports.ts";

/**
 * A project of the tenant together with its tasks.
 *
 * @throws CodedError NOT_FOUND; CONFLICT when there is nothing to do
 */
export async function requireWork(
  ports: Pick<Ports, "projects">,
  tenant: string,
  projectId: string,
): Promise<{ project: Project; tasks: readonly Task[] }> {
  const [project] = await findProjects(ports, tenant, [projectId]);
  if (!project) throw notFound("Project", projectId);
  const tasks = await ports.projects.allTasks(project.id);
  if (tasks.length === 0) {
    throw new CodedError(
      "CONFLICT",
      `Project ${JSON.stringify(project.name)} has no tasks yet; estimate it first`,
    );
  }
  return { project, tasks };
}
