import type { Lane, ProductTarget, Project } from "../domain/project.ts";
import { isRowId } from "../domain/row-id.ts";
import type { Run } from "../domain/run.ts";
import type { Ports } from "./ports.ts";

/** Projects in the order of their ids; null where the tenant has none. */
export async function findProjects(
  ports: Pick<Ports, "projects">,
  tenant: string,
  ids: readonly string[],
): Promise<(Project | null)[]> {
  const known = ids.filter(isRowId);
  return inOrder(ids, known.length > 0 ? await ports.projects.byIds(tenant, known) : []);
}

/** Runs in the order of their ids; null where the tenant has none. */
export async function findRuns(
  ports: Pick<Ports, "runs">,
  tenant: string,
  ids: readonly string[],
): Promise<(Run | null)[]> {
  const known = ids.filter(isRowId);
  const runs = known.length > 0 ? await ports.runs.byIds(known) : [];
  return inOrder(
    ids,
    runs.filter((run) => run.tenant === tenant),
  );
}

/** Lanes in the order of their ids; null where there is none. */
export async function findLanes(
  ports: Pick<Ports, "projects">,
  ids: readonly number[],
): Promise<(Lane | null)[]> {
  return inOrder(ids, await ports.projects.lanes());
}

/** The products of each project, in the order of the project ids. */
export async function findProducts(
  ports: Pick<Ports, "projects">,
  projectIds: readonly string[],
): Promise<ProductTarget[][]> {
  const products = await ports.projects.products(projectIds);
  return projectIds.map((id) => products.get(id) ?? []);
}

function inOrder<Id extends string | number, T extends { id: Id }>(
  ids: readonly Id[],
  found: readonly T[],
): (T | null)[] {
  const byId = new Map(found.map((item) => [item.id, item]));
  return ids.map((id) => byId.get(id) ?? null);
}
