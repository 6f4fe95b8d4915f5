import { z } from "zod";
import { badInput } from "../../lib/errors.ts";

const RUN_KINDS = ["baseline", "rehearsal", "replay", "hotfix"] as const;

/** A unit of work as PAS does it. */
export interface Task {
  task_id: string;
  lane_id: number;
  estimated_tokens: number;
  estimated_duration_ms: number;
  estimated_cost_usd: number;
}

/** The body of `POST /pas/architect/submit`. */
export interface Submission {
  project_id: string | number;
  run_kind: (typeof RUN_KINDS)[number];
  /** Provider to version. */
  provider_matrix: Record<string, string>;
  tasks: readonly Task[];
  rehearsal_pct: number | null;
  write_sandbox: boolean;
}

const MOST_TASKS = 10_000;
const INVENTED_TASKS = 40;
const INVENTED_LANES = [4200, 4201, 4202, 5100] as const;

/** The seed's factory estimate: 3000 tokens, 5 minutes, 0.18 USD. */
const FACTORY = { estimated_tokens: 3000, estimated_duration_ms: 300_000, estimated_cost_usd: 0.18 };

const taskSchema = z.object({
  task_id: z.union([z.string().min(1).max(100), z.int()]).transform(String),
  lane_id: z.int().min(0).max(65_535),
  complexity: z.string().max(40).optional(),
  estimated_tokens: z.number().min(0).default(FACTORY.estimated_tokens),
  estimated_duration_ms: z.number().min(0).default(FACTORY.estimated_duration_ms),
  estimated_cost_usd: z.number().min(0).default(FACTORY.estimated_cost_usd),
});

const submissionSchema = z.object({
  project_id: z.union([z.string().min(1).max(100), z.int()]),
  run_kind: z.enum(RUN_KINDS).default("baseline"),
  provider_matrix: z.record(z.string().min(1), z.string()).refine((matrix) => Object.keys(matrix).length > 0),
  tasks: z.array(taskSchema).max(MOST_TASKS).default([]),
  rehearsal_pct: z.number().min(0).max(1).nullable().default(null),
  write_sandbox: z.boolean().default(false),
});

const ALLOWED: Record<string, string> = {
  project_id: "the id of a project, text or integer",
  run_kind: `one of ${RUN_KINDS.join(", ")}`,
  provider_matrix: "an object of provider to version with at least one provider",
  tasks: `a list of at most ${MOST_TASKS} tasks`,
  rehearsal_pct: "a number from 0 to 1",
  write_sandbox: "true or false",
  task_id: "text or an integer",
  lane_id: "an integer from 0 to 65535",
};

/**
 * Reads a submission; one without tasks gets forty invented ones on a few lanes.
 *
 * @throws CodedError BAD_USER_INPUT naming the field
 */
export function parseSubmission(body: unknown): Submission {
  const result = submissionSchema.safeParse(body);
  if (!result.success) {
    const path = result.error.issues[0]?.path ?? [];
    const known = path.findLast((part) => typeof part === "string" && part in ALLOWED);
    const allowed = ALLOWED[String(known)] ?? "an object {project_id, run_kind, provider_matrix, …}";
    throw badInput(path.join(".") || "body", valueAt(body, path), allowed);
  }
  const { tasks, ...submission } = result.data;
  requireDistinct(tasks);
  return { ...submission, tasks: tasks.length > 0 ? tasks : inventTasks() };
}

function requireDistinct(tasks: readonly Task[]): void {
  const seen = new Set<string>();
  for (const [index, { task_id }] of tasks.entries()) {
    if (seen.has(task_id)) throw badInput(`tasks.${index}.task_id`, task_id, "a task once only");
    seen.add(task_id);
  }
}

const inventTasks = (): Task[] =>
  Array.from({ length: INVENTED_TASKS }, (_, index) => ({
    task_id: String(index + 1),
    lane_id: INVENTED_LANES[index % INVENTED_LANES.length] ?? INVENTED_LANES[0],
    ...FACTORY,
  }));

const valueAt = (body: unknown, path: readonly PropertyKey[]): unknown => {
  let value = body;
  for (const part of path) value = (value as Record<PropertyKey, unknown> | null | undefined)?.[part];
  return value ?? null;
};
