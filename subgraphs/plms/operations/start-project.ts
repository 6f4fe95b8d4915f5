import { badInput, CodedError } from "../../../lib/errors.ts";
import { canonicalJson } from "../domain/canonical-json.ts";
import { isIdempotencyKey } from "../domain/idempotency.ts";
import type { Task } from "../domain/project.ts";
import type { Run, RunKind } from "../domain/run.ts";
import { stratifiedSample } from "../domain/stratified-sample.ts";
import type { Claim, Ports, StartIntent } from "./ports.ts";
import type { Principal } from "./principal.ts";
import { requireWork } from "./require-work.ts";

export interface StartProjectInput {
  projectId: string;
  /** Default `baseline`. */
  runKind?: RunKind | undefined;
  /** Default false. */
  writeSandbox?: boolean | undefined;
  idempotencyKey: string;
}

export interface StartedProject {
  run: Run;
  /** True when an earlier call with this key had started the run. */
  replayed: boolean;
}

type StartPorts = Omit<Ports, "inbox" | "newSeed">;

const REHEARSAL_PCT = 0.01;

/**
 * Starts a run, once per tenant, user and key. The run is recorded before the executor hears of it: when the
 * executor does not answer, the run stays `submitting`, and the same call continues it.
 *
 * @throws CodedError BAD_USER_INPUT, NOT_FOUND, CONFLICT, IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_IN_FLIGHT,
 * EXECUTOR_UNAVAILABLE
 */
export async function startProject(
  ports: StartPorts,
  principal: Principal,
  input: StartProjectInput,
): Promise<StartedProject> {
  const order = orderOf(input);
  const { tasks } = await requireWork(ports, principal.tenant, order.projectId);
  const intent = intentOf(ports, principal, order);
  const claim = await claimRun(ports, intent, { ...order, tasks });
  if (claim.kind === "replayed") {
    ports.meter.runReplayed();
    return { run: claim.run, replayed: true };
  }
  const run = await submit(ports, intent, { run: claim.run, tasks, correlationId: principal.correlationId });
  ports.meter.runStarted();
  return { run, replayed: false };
}

type Order = Required<{ [Field in keyof StartProjectInput]: NonNullable<StartProjectInput[Field]> }>;

function orderOf({
  projectId,
  runKind = "baseline",
  writeSandbox = false,
  idempotencyKey,
}: StartProjectInput): Order {
  if (!isIdempotencyKey(idempotencyKey)) {
    throw badInput("idempotencyKey", idempotencyKey, "1-255 printable ASCII characters");
  }
  if (runKind === "baseline" && writeSandbox) {
    throw badInput(
      "input.writeSandbox",
      writeSandbox,
      "false for a baseline run, which others are compared with",
    );
  }
  return { projectId, runKind, writeSandbox, idempotencyKey };
}

function intentOf(ports: StartPorts, principal: Principal, order: Order): StartIntent {
  const { idempotencyKey, ...input } = order;
  return {
    tenant: principal.tenant,
    principal: principal.subject,
    operation: "startProject",
    key: idempotencyKey,
    fingerprint: ports.digest(canonicalJson(input)),
  };
}

async function claimRun(
  ports: StartPorts,
  intent: StartIntent,
  order: Order & { tasks: readonly Task[] },
): Promise<Exclude<Claim, { kind: "reused" } | { kind: "in-flight" }>> {
  const { settings, clock } = ports;
  const now = clock.now();
  const run = {
    projectId: order.projectId,
    kind: order.runKind,
    rehearsalPct: order.runKind === "rehearsal" ? REHEARSAL_PCT : null,
    writeSandbox: order.writeSandbox,
    providerMatrix: settings.providerMatrix,
    tasksTotal: tasksOf({ kind: order.runKind, id: "0" }, order.tasks).length,
    createdBy: intent.principal,
  };
  const claim = await ports.starts.claim(intent, run, {
    now,
    lockedUntil: new Date(now.getTime() + settings.leaseMs),
    expiresAt: new Date(now.getTime() + settings.idempotencyTtlMs),
  });
  if (claim.kind === "reused") {
    throw new CodedError(
      "IDEMPOTENCY_KEY_REUSED",
      "This idempotency key was used with another input; use a new key",
    );
  }
  if (claim.kind === "in-flight") {
    throw new CodedError(
      "IDEMPOTENCY_IN_FLIGHT",
      "A call with this idempotency key is under way; repeat it in a moment",
      {
        retryable: true,
        retryAfterMs: 1000,
      },
    );
  }
  return claim;
}

async function submit(
  ports: StartPorts,
  intent: StartIntent,
  job: { run: Run; tasks: readonly Task[]; correlationId: string },
): Promise<Run> {
  const { run } = job;
  try {
    const executorRunId = await ports.executor.submit(
      {
        projectId: run.projectId,
        runKind: run.kind,
        providerMatrix: run.providerMatrix,
        writeSandbox: run.writeSandbox,
        tasks: tasksOf(run, job.tasks),
      },
      { key: executorKey(ports, intent, run), correlationId: job.correlationId },
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
function executorKey({ digest }: StartPorts, intent: StartIntent, run: Run): string {
  return digest(canonicalJson([intent.tenant, intent.principal, intent.operation, intent.key, run.id]));
}

/** A rehearsal runs a sample, the same one for the same run. */
function tasksOf(run: Pick<Run, "kind" | "id">, tasks: readonly Task[]): readonly Task[] {
  if (run.kind !== "rehearsal") return tasks;
  return stratifiedSample(tasks, { pct: REHEARSAL_PCT, seed: Number(run.id) }).strata.flatMap(
    ({ sampled }) => sampled,
  );
}
