import { checkedText } from "../../kit/checked-input.ts";
import {
  connectionOf,
  pageRequest,
  strangeCursor,
  type Connection,
  type PageArguments,
} from "../../kit/pagination.ts";
import { placeOf, textOfPlace, type ProjectSort } from "../domain/project-order.ts";
import { PROJECT_STATUSES, type Project, type ProjectStatus } from "../domain/project.ts";
import type { RunwayStatus } from "../domain/runway-status.ts";
import type { Ports } from "../ports.ts";
import type { ProjectSummary } from "./ports.ts";

export interface ProjectListArguments extends PageArguments {
  status?: ProjectStatus | null | undefined;
  /** Part of the name in any case, or the id; 1-200 characters. */
  search?: string | null | undefined;
  /** How the budget stands, as the last look found it. */
  runway?: RunwayStatus | null | undefined;
  modelId?: string | null | undefined;
  /** Default `created`. */
  sort?: ProjectSort | null | undefined;
  /** Default false: the smallest first. */
  descending?: boolean | null | undefined;
}

const MOST_CHARACTERS = 200;
const MOST_ID_CHARACTERS = 100;

/**
 * The tenant's projects that are looked for, in the order that is wanted.
 *
 * @throws CodedError BAD_USER_INPUT
 */
export async function listProjects(
  { projectList }: Pick<Ports, "projectList">,
  tenant: string,
  args: ProjectListArguments,
): Promise<Connection<Project>> {
  const request = pageRequest(args);
  const sort = args.sort ?? "created";
  const place = request.after === undefined ? undefined : placeOf(request.after, sort);
  if (request.after !== undefined && place === undefined) throw strangeCursor(args);
  const found = await projectList.page(tenant, {
    first: request.first,
    isBackwards: request.isBackwards ?? false,
    isFalling: args.descending ?? false,
    sort,
    place,
    status: args.status ?? undefined,
    runway: args.runway ?? undefined,
    search: checked("search", args.search, MOST_CHARACTERS),
    modelId: checked("modelId", args.modelId, MOST_ID_CHARACTERS),
  });
  const { edges, ...rest } = connectionOf(found.items, request, {
    key: ({ project: { id }, key }) => textOfPlace({ id, key }),
    totalCount: found.totalCount,
  });
  return { ...rest, edges: edges.map(({ node, cursor }) => ({ node: node.project, cursor })) };
}

const checked = (field: string, text: string | null | undefined, max: number): string | undefined =>
  typeof text === "string" ? checkedText(field, text, { max }) : undefined;

/** What the tenant's projects add up to, as of now. */
export interface DatedSummary extends Omit<ProjectSummary, "byStatus"> {
  asOf: Date;
  total: number;
  running: number;
  /** Every status that occurs. */
  byStatus: { status: ProjectStatus; projects: number }[];
}

/** What the tenant's projects add up to; a day is one in UTC. */
export async function summariseProjects(
  { projectList, clock }: Pick<Ports, "projectList" | "clock">,
  tenant: string,
): Promise<DatedSummary> {
  const asOf = clock.now();
  const { byStatus, ...sums } = await projectList.summary(tenant, asOf.toISOString().slice(0, 10));
  const known = PROJECT_STATUSES.flatMap((status) => {
    const projects = byStatus[status] ?? 0;
    return projects > 0 ? [{ status, projects }] : [];
  });
  return {
    ...sums,
    asOf,
    total: known.reduce((sum, { projects }) => sum + projects, 0),
    running: byStatus.executing ?? 0,
    byStatus: known,
  };
}
