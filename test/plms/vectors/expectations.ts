import { z } from "zod";
import type { Answer } from "./server.ts";

const usd = z.number();
const share = z.number().min(0).max(1);
const interval = z.tuple([z.number(), z.number()]).refine(([low, high]) => low <= high, "low before high");
const around = z
  .object({ mean: z.number(), ci_90: interval })
  .refine(({ mean, ci_90: [low, high] }) => low <= mean && mean <= high, "a mean within its interval");
const effort = { tokens: z.number(), duration_ms: z.number(), cost_usd: usd };
const risk = z.enum(["none", "low", "medium", "high"]);
const id = z.union([z.string(), z.number()]);

/** What each answer has to hold at least; servers may say more. */
const SHAPES = {
  started: z.object({
    status: z.literal("executing"),
    run_id: z.string().min(1),
    provider_matrix: z.record(z.string(), z.string()),
    replay_passport_path: z.string().min(1),
  }),
  metrics: z.object({
    estimated: z.object({ tokens: z.number(), duration_minutes: z.number(), cost_usd: usd }),
    actual: z.object(effort).nullable(),
  }),
  metricsWithIntervals: z.object({
    estimated: z.object({ tokens: around, duration_ms: around, cost_usd: around }),
    calibration: z.object({
      lane_specific_errors: z.array(z.object({ lane_id: z.number(), mae_pct: z.number().nullable() })),
    }),
  }),
  overrides: z.array(
    z.object({
      task_id: id,
      task_description: z.string(),
      predicted_lane: z.number(),
      corrected_lane: z.number(),
      corrected_by: z.string(),
      corrected_at: z.iso.datetime({ offset: true }),
    }),
  ),
  runway: z.object({
    budget: z.object({ usd_max: usd.nullable(), usd_spent: usd, burn_per_min: usd }),
    runway: z.object({ minutes_to_depletion: z.number().nullable(), projected_overrun_usd: usd.nullable() }),
    status: z.enum(["ok", "warning", "critical", "unknown"]),
  }),
  heatmap: z.object({
    lanes: z
      .array(
        z.object({
          lane_id: z.number(),
          name: z.string(),
          estimation_risk: risk,
          execution_risk: risk,
          validation_risk: risk,
          signals: z.object({ mae_pct: z.number().nullable(), ci_width_pct: z.number() }),
        }),
      )
      .min(1),
    legend: z.record(z.string(), z.string()),
  }),
  drift: z.object({
    lane_id: z.number(),
    lane_name: z.string(),
    history: z.array(z.object({ project_id: id, mae_pct: z.number().nullable() })),
    trend: z.string().min(1),
  }),
  simulation: z.object({
    simulation_results: z.object({
      rehearsal_actual: z.object(effort),
      extrapolated_full: z.object({
        ...effort,
        ci_90: z.object({ tokens: interval, duration_ms: interval, cost_usd: interval }),
      }),
      risk_factors: z.array(z.object({ lane: z.number(), issue: z.string() })),
    }),
    sampling_metrics: z.object({
      n_total: z.number().min(1),
      n_sample: z.number().min(1),
      actual_pct: share,
      requested_pct: share,
      strata_coverage: share,
      auto_bumped: z.boolean(),
      n_strata: z.number().min(1),
    }),
    warnings: z.array(z.string()),
  }),
} as const;

type Shapes = typeof SHAPES;

/**
 * The body of an answer that is 200 and of that shape.
 *
 * @throws Error saying what was expected and what came
 */
export function expectShape<N extends keyof Shapes>(answer: Answer, name: N): z.infer<Shapes[N]> {
  expectStatus(answer, 200);
  const result = SHAPES[name].safeParse(answer.body);
  if (result.success) return result.data as z.infer<Shapes[N]>;
  const [issue] = result.error.issues;
  throw new Error(`${issue?.path.join(".") || "the body"}: ${issue?.message}`);
}

/** @throws Error naming the status that came instead, with what the server said */
export function expectStatus({ status, body }: Answer, ...allowed: number[]): void {
  if (allowed.includes(status)) return;
  throw new Error(`expected ${allowed.join(" or ")}, got ${status}: ${excerpt(body)}`);
}

/** @throws Error with both values, unless they are the same JSON */
export function expectSame(what: string, got: unknown, expected: unknown): void {
  if (JSON.stringify(got) === JSON.stringify(expected)) return;
  throw new Error(`${what}: expected ${excerpt(expected)}, got ${excerpt(got)}`);
}

const excerpt = (value: unknown): string => (JSON.stringify(value) ?? "no JSON").slice(0, 200);
