import { isCodedError } from "../../../lib/errors.ts";
import { isRowId } from "../../kit/row-id.ts";
import type { Charge } from "../domain/run.ts";
import { taskOf, type UsageEvent, type UsageRefusal, type UsageSource } from "../domain/usage-event.ts";
import type { Ports } from "../ports.ts";
import { recordReceipts } from "./record-receipts.ts";
import type { ToldUsage, UsageCounts, UsageTarget } from "./usage-ports.ts";

type RecordPorts = Parameters<typeof recordReceipts>[0] &
  Pick<Ports, "usageTargets" | "usageRefusals" | "digest">;

/** Most receipts in one message. */
const MOST_AT_ONCE = 1000;

/**
 * Turns model calls into receipts of the observed runs that they name, each once. What cannot be charged is counted,
 * kept with its reason, and never dropped.
 */
export async function recordUsage(ports: RecordPorts, told: ToldUsage): Promise<UsageCounts> {
  const { tenant, source, events } = told;
  const refusals: UsageRefusal[] = [...told.unreadable];
  const targets = new Map<string, Promise<UsageTarget | undefined>>();
  const charges = new Map<string, Charge[]>();
  for (const event of events) {
    const target = await targetOf(ports, { tenant, event, targets });
    const charge = target && chargeFor(ports, source, { event, target });
    if (!charge) {
      refusals.push(noTarget(event));
    } else if ("reason" in charge) {
      refusals.push({ eventId: event.id, ...charge });
    } else {
      const ofRun = charges.get(target.executorRunId) ?? [];
      ofRun.push(charge);
      charges.set(target.executorRunId, ofRun);
    }
  }
  const counts = { recorded: 0, duplicate: 0 };
  for (const [executorRunId, ofRun] of charges) {
    for (let start = 0; start < ofRun.length; start += MOST_AT_ONCE) {
      const some = ofRun.slice(start, start + MOST_AT_ONCE);
      const messageId = ports.digest(
        JSON.stringify([source, executorRunId, some.map((one) => one.receiptId)]),
      );
      try {
        const { recorded, duplicate } = await recordReceipts(ports, {
          messageId,
          executorRunId,
          charges: some,
        });
        counts.recorded += recorded;
        counts.duplicate += duplicate;
      } catch (error) {
        if (!isCodedError(error) || error.code !== "BAD_USER_INPUT") throw error;
        for (const one of some)
          refusals.push({ eventId: eventIdOf(one), reason: "invalid", detail: error.message });
      }
    }
  }
  await ports.usageRefusals.add({ tenant, source, at: ports.clock.now() }, refusals);
  return { ...counts, refusals };
}

function targetOf(
  { usageTargets }: Pick<Ports, "usageTargets">,
  {
    tenant,
    event: { runId, projectId },
    targets,
  }: { tenant: string; event: UsageEvent; targets: Map<string, Promise<UsageTarget | undefined>> },
): Promise<UsageTarget | undefined> {
  const key = JSON.stringify([runId, projectId]);
  const known = targets.get(key);
  if (known) return known;
  const found =
    runId !== null
      ? usageTargets.ofRun(tenant, runId)
      : projectId !== null && isRowId(projectId)
        ? usageTargets.ofProject(tenant, projectId)
        : Promise.resolve(undefined);
  targets.set(key, found);
  return found;
}

const noTarget = ({ id, runId, projectId }: UsageEvent): UsageRefusal =>
  runId === null && projectId === null
    ? { eventId: id, reason: "no_project", detail: "Say whose it is with plms.project.id or plms.run.id" }
    : {
        eventId: id,
        reason: "unknown_run",
        detail:
          runId === null
            ? `Project ${projectId} has no observed run under way: start one with isObserved: true`
            : `There is no run ${runId}`,
      };

function chargeFor(
  { priceOf }: Pick<Ports, "priceOf">,
  source: UsageSource,
  { event, target }: { event: UsageEvent; target: UsageTarget },
): Charge | Omit<UsageRefusal, "eventId"> {
  if (!target.isObserved) {
    return {
      reason: "not_observed",
      detail: `An executor does run ${target.executorRunId} and tells its own receipts`,
    };
  }
  const task = taskOf(event, target.tasks);
  if ("reason" in task) return task;
  const priced = priceOf(event.usage, event.occurredAt);
  const costUsd = event.costUsd ?? (priced.usdExact === null ? null : Number(priced.usdExact));
  if (costUsd === null) {
    return {
      reason: "no_cost",
      detail: `No cost was told, and model ${event.usage.model} has no price: ${priced.reason}`,
    };
  }
  return {
    receiptId: `${source}:${event.id}`,
    taskId: task.id,
    laneId: task.laneId,
    provider: event.provider,
    tokens: event.usage.inputTokens + event.usage.outputTokens,
    durationMs: event.durationMs,
    costUsd,
    echoCos: null,
    status: event.hasFailed ? "failed" : "succeeded",
    occurredAt: event.occurredAt,
    usage: event.usage,
  };
}

const eventIdOf = ({ receiptId }: Charge): string => receiptId.slice(receiptId.indexOf(":") + 1);
