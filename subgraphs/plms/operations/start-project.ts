import { badInput, CodedError } from "../../../lib/errors.ts";
import { canonicalJson } from "../../../lib/canonical-json.ts";
import { checkedKey, keyInFlight, keyReused } from "../../kit/idempotency.ts";
import type { StartIntent } from "../domain/idempotency.ts";
import { MOST_RUN_MINUTES, MOST_TOKENS, RUN_MINUTES_ALLOWED, RUN_TOKENS_ALLOWED } from "../domain/limits.ts";
import type { Run, RunKind } from "../domain/run.ts";
import type { PlannedRun } from "./control-ports.ts";
import { planRun, type CompletedOrder, type RunSample } from "./plan-run.ts";
import type { Ports } from "../ports.ts";
import type { Claim } from "./ports.ts";
import type { Principal } from "./principal.ts";
import { requireWork } from "./require-work.ts";
import { submitRun } from "./submit-run.ts";

export interface RunOrder {
  projectId: string;
  /** Default `baseline`. */
  runKind?: RunKind | undefined;
  /** Default false. */
  writeSandbox?: boolean | undefined;
  /** Most tokens that the run may use, 1-2147483647; no limit when left out. */
  budgetTokens?: number | null | undefined;
  /** Most minutes that it may execute, more than 0, up to a year; no limit when left out. */
  budgetDurationMinutes?: number | null | undefined;
  /** Default false: true leaves the executor out, when others do the work and tell of it as usage. */
  isObserved?: boolean | undefined;
  /** Default false: a baseline run waits for the end of the one before. */
  allowConcurrent?: boolean | undefined;
  /** What a rehearsal runs, when the caller has drawn a sample. */
  sample?: RunSample | undefined;
}

export interface StartProjectInput extends RunOrder {
  idempotencyKey: string;
}

export interface StartedProject {
  run: Run;
  /** True when an earlier call with this key had started the run. */
  replayed: boolean;
  /** Until when the key is remembered; longer while the run goes on. */
  expiresAt: Date;
}

export type StartPorts = Pick<
  Ports,
  | "projects"
  | "runs"
  | "starts"
  | "executor"
  | "meter"
  | "clock"
  | "settings"
  | "digest"
  | "documents"
  | "environment"
  | "usableKpis"
>;

/** How a key is told apart from others', and what else its input has to be equal to. */
export interface KeyScope {
  operation: string;
  /** Part of the fingerprint, beside the input itself. */
  context?: string | undefined;
}

/**
 * Starts a run, once per tenant, user and key. The run is recorded before the executor hears of it: when the
 * executor does not answer, the run stays `submitting`, and the same call continues it. Nothing is started on a budget
 * that is used up, and no second baseline run beside another without a yes.
 *
 * @throws CodedError BAD_USER_INPUT, NOT_FOUND, CONFLICT, IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_IN_FLIGHT,
 * EXECUTOR_UNAVAILABLE
 */
export const startProject = (
  ports: StartPorts,
  principal: Principal,
  { idempotencyKey, ...order }: StartProjectInput,
): Promise<StartedProject> =>
  startRun(ports, principal, { order, key: idempotencyKey, scope: { operation: "startProject" } });

/** One run of whatever operation starts runs; see `startProject`. */
export async function startRun(
  ports: StartPorts,
  principal: Principal,
  call: { order: RunOrder; key: string; scope: KeyScope },
): Promise<StartedProject> {
  checkedKey(call.key);
  const order = completed(call.order);
  const { project, tasks } = await requireWork(ports, principal.tenant, order.projectId);
  const intent = {
    tenant: principal.tenant,
    principal: principal.subject,
    operation: call.scope.operation,
    key: call.key,
    fingerprint: ports.digest(canonicalJson([fingerprinted(order), call.scope.context])),
  };
  const planned = await planRun(ports, { project, tasks, order, createdBy: principal.subject });
  const claim = await claimRun(ports, intent, planned);
  const { expiresAt } = claim;
  if (claim.kind === "replayed") {
    ports.meter.runReplayed();
    return { run: claim.run, replayed: true, expiresAt };
  }
  const run = await submitRun(ports, intent, {
    run: claim.run,
    tasks,
    correlationId: principal.correlationId,
  });
  ports.meter.runStarted();
  return { run, replayed: false, expiresAt };
}

/** @throws CodedError BAD_USER_INPUT for caps of a run that can never be right; null is no cap */
function checkCaps(tokens: number | null, minutes: number | null): void {
  if (tokens !== null && !(Number.isInteger(tokens) && tokens >= 1 && tokens <= MOST_TOKENS))
    throw badInput("input.budgetTokens", tokens, RUN_TOKENS_ALLOWED);
  if (minutes !== null && !(minutes > 0 && minutes <= MOST_RUN_MINUTES))
    throw badInput("input.budgetDurationMinutes", minutes, RUN_MINUTES_ALLOWED);
}

function completed({
  projectId,
  runKind = "baseline",
  writeSandbox = false,
  isObserved = false,
  ...order
}: RunOrder): CompletedOrder {
  if (runKind === "baseline" && writeSandbox) {
    throw badInput(
      "input.writeSandbox",
      writeSandbox,
      "false for a baseline run, which others are compared with",
    );
  }
  const { budgetTokens = null, budgetDurationMinutes = null } = order;
  checkCaps(budgetTokens, budgetDurationMinutes);
  return {
    projectId,
    runKind,
    writeSandbox,
    caps: { tokens: budgetTokens, durationMinutes: budgetDurationMinutes },
    sample: order.sample,
    isObserved,
    allowConcurrent: order.allowConcurrent ?? false,
  };
}

/** What two calls have to have in common to be the same one; limits that are not set say nothing. */
const fingerprinted = ({ caps, allowConcurrent: _permission, isObserved, ...order }: CompletedOrder) => ({
  ...(isObserved && { isObserved }),
  ...order,
  budgetTokens: caps.tokens ?? undefined,
  budgetDurationMinutes: caps.durationMinutes ?? undefined,
});

async function claimRun(
  { starts, settings, clock }: StartPorts,
  intent: StartIntent,
  planned: PlannedRun,
): Promise<Exclude<Claim, { kind: "reused" } | { kind: "in-flight" } | { kind: "refused" }>> {
  const now = clock.now();
  const claim = await starts.claim(intent, planned, {
    now,
    lockedUntil: new Date(now.getTime() + settings.leaseMs),
    expiresAt: new Date(now.getTime() + settings.idempotencyTtlMs),
  });
  if (claim.kind === "reused") throw keyReused();
  if (claim.kind === "refused") throw new CodedError("CONFLICT", claim.why);
  if (claim.kind === "in-flight") throw keyInFlight();
  return claim;
}
