import { canonicalJson } from "../../../lib/canonical-json.ts";
import { prdShaOf, type NewPassport } from "../domain/passport.ts";
import type { Lane, Project, Task } from "../domain/project.ts";
import type { ProviderMatrix, RunCaps, RunKind } from "../domain/run.ts";
import type { PlannedRun } from "./control-ports.ts";
import type { Ports } from "../ports.ts";
import { REHEARSAL_PCT, sampleOf } from "./submit-run.ts";

/** A sample that can be drawn again. */
export interface RunSample {
  /** Share of the tasks, 0-1. */
  pct: number;
  seed: number;
}

/** An order with its defaults. */
export interface CompletedOrder {
  projectId: string;
  runKind: RunKind;
  writeSandbox: boolean;
  isObserved: boolean;
  caps: RunCaps;
  sample: RunSample | undefined;
  allowConcurrent: boolean;
}

interface Plan {
  project: Project;
  tasks: readonly Task[];
  order: CompletedOrder;
  createdBy: string;
}

type PlanPorts = Pick<Ports, "projects" | "settings" | "digest" | "documents" | "environment" | "usableKpis">;

/** A run as it would be, with the passport that says under which circumstances. */
export async function planRun(ports: PlanPorts, plan: Plan): Promise<PlannedRun> {
  const { project, tasks, order, createdBy } = plan;
  const isRehearsal = order.runKind === "rehearsal";
  const sampling = {
    rehearsalPct: isRehearsal ? (order.sample?.pct ?? REHEARSAL_PCT) : null,
    sampleSeed: (isRehearsal ? order.sample?.seed : undefined) ?? null,
  };
  const lanes = await ports.projects.lanes();
  const providerMatrix = providersOf(tasks, lanes) ?? ports.settings.providerMatrix;
  const sample = isRehearsal ? sampleOf({ id: "0", ...sampling }, tasks) : undefined;
  return {
    allowConcurrent: order.allowConcurrent,
    run: {
      projectId: project.id,
      kind: order.runKind,
      ...sampling,
      strataCoverage: sample?.strataCoverage ?? null,
      writeSandbox: order.writeSandbox,
      isObserved: order.isObserved,
      caps: order.caps,
      providerMatrix,
      tasksTotal: sample?.tasksSampled ?? tasks.length,
      createdBy,
    },
    passport: await passportFor(ports, plan, { lanes, providerMatrix }),
  };
}

/** Who works in the lanes of the tasks; undefined when none of them says. */
function providersOf(tasks: readonly Task[], lanes: readonly Lane[]): ProviderMatrix | undefined {
  const used = new Set(tasks.map(({ laneId }) => laneId));
  const matrix = Object.assign(
    {},
    ...lanes.filter(({ id }) => used.has(id)).map(({ providers }) => providers),
  ) as ProviderMatrix;
  return Object.keys(matrix).length > 0 ? matrix : undefined;
}

async function passportFor(
  ports: PlanPorts,
  { project, tasks }: Plan,
  { lanes, providerMatrix }: { lanes: readonly Lane[]; providerMatrix: ProviderMatrix },
): Promise<NewPassport> {
  const document = project.prdPath === null ? undefined : await ports.documents.read(project.prdPath);
  return {
    providerMatrix,
    capabilities: {
      kpi_validators: ports.usableKpis,
      lane_caps: Object.fromEntries(lanes.map(({ id, maxConcurrent }) => [id, maxConcurrent])),
    },
    prdSha: prdShaOf(ports.digest(document ?? definitionOf(project, tasks))),
    prdSource: document === undefined ? "definition" : "document",
    env: ports.environment,
  };
}

/** What the project is about, without what changes while it is worked on. */
const definitionOf = ({ name, prdPath }: Project, tasks: readonly Task[]): string =>
  canonicalJson({
    name,
    prdPath,
    tasks: tasks.map((task) => [task.name, task.description, task.laneId, task.complexity]),
  });
