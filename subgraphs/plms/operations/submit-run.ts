import { canonicalJson } from "../../../lib/canonical-json.ts";
import type { StartIntent } from "../domain/idempotency.ts";
import type { Task } from "../domain/project.ts";
import type { Run } from "../domain/run.ts";
import { stratifiedSample } from "../domain/stratified-sample.ts";
import type { Ports } from "../ports.ts";

export const REHEARSAL_PCT = 0.01;

type SubmitPorts = Pick<Ports, "executor" | "runs" | "starts" | "clock" | "digest">;

/**
 * Has the executor do a run whose lease the caller holds, unless others do its work; whatever fails, the lease is given
 * back.
 *
 * @throws CodedError EXECUTOR_UNAVAILABLE
 */
export async function submitRun(
  ports: SubmitPorts,
  intent: StartIntent,
  job: { run: Run; tasks: readonly Task[]; correlationId: string },
): Promise<Run> {
  const { run } = job;
  if (run.isObserved) {
    const observed = { executorRunId: `observed-${run.id}`, startedAt: ports.clock.now() };
    return ports.runs.markExecuting(run.id, observed);
  }
  try {
    const executorRunId = await ports.executor.submit(
      {
        projectId: run.projectId,
        runKind: run.kind,
        providerMatrix: run.providerMatrix,
        rehearsalPct: run.rehearsalPct,
        writeSandbox: run.writeSandbox,
        caps: run.caps,
        tasks: tasksOf(run, job.tasks),
      },
      { key: executorKeyOf(ports, intent, run), correlationId: job.correlationId },
    );
    return await ports.runs.markExecuting(run.id, { executorRunId, startedAt: ports.clock.now() });
  } catch (error) {
    // Without the release the next caller only waits until the lease ends.
    await ports.starts.release(intent, ports.clock.now()).catch(() => undefined);
    throw error;
  }
}

/**
 * The caller's key as the executor sees it. Keys belong to a tenant and a user here while the executor has a
 * single customer, so two callers' equal keys must differ there, and so must a key that is used again after
 * it expired.
 */
export const executorKeyOf = (
  { digest }: Pick<Ports, "digest">,
  intent: StartIntent,
  run: Pick<Run, "id">,
): string => digest(canonicalJson([intent.tenant, intent.principal, intent.operation, intent.key, run.id]));

/** What a rehearsal runs: the same sample for the same run. */
export const sampleOf = (
  { id, rehearsalPct, sampleSeed }: Pick<Run, "id" | "rehearsalPct" | "sampleSeed">,
  tasks: readonly Task[],
) => stratifiedSample(tasks, { pct: rehearsalPct ?? REHEARSAL_PCT, seed: sampleSeed ?? Number(id) });

function tasksOf(run: Run, tasks: readonly Task[]): readonly Task[] {
  if (run.kind !== "rehearsal") return tasks;
  return sampleOf(run, tasks).strata.flatMap(({ sampled }) => sampled);
}
