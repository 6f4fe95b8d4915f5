import { badInput } from "../../../../lib/errors.ts";
import { attemptAudited, successOf, type AttemptPorts } from "../../audit/operations/attempts.ts";
import type { UsageOutbox } from "../ports.ts";
import type { Actor } from "../../audit/operations/actor.ts";

const IDS_MAX = 1000;
const ACTION = "replayUsageMetrics";

/**
 * Sends dead letters to the PLM again, all of them unless ids are given; the PLM counts each event once, whatever
 * it has of them already.
 *
 * @returns how many are on their way again
 * @throws CodedError BAD_USER_INPUT for more than 1000 ids
 */
export async function replayUsage(
  ports: AttemptPorts & { outbox: Pick<UsageOutbox, "revive"> },
  actor: Actor,
  ids: readonly string[] | undefined,
): Promise<number> {
  const attempt = {
    action: ACTION,
    entityType: "UsageEvent",
    entityId: null,
    payload: { ids: ids ?? "all" },
  };
  return attemptAudited(ports, { actor, attempt }, async () => {
    if (ids && ids.length > IDS_MAX) throw badInput("ids", ids.length, `at most ${IDS_MAX} ids`);
    const revived = await ports.outbox.revive(ids);
    const payload = { ...attempt.payload, revived };
    await ports.audit.record({
      ...successOf(actor, { ...attempt, payload }),
      entityId: null,
      at: ports.clock.now(),
    });
    return revived;
  });
}
