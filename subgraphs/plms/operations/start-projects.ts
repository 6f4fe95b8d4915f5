import { checkedKey, keyReused } from "../../kit/idempotency.ts";
import { badInput, isCodedError, type CodedError } from "../../../lib/errors.ts";
import { canonicalJson } from "../../../lib/canonical-json.ts";
import { startRun, type RunOrder, type StartedProject, type StartPorts } from "./start-project.ts";
import type { Principal } from "./principal.ts";

/** What became of one run of a batch. */
export type BatchItem = StartedProject | { failure: CodedError };

const MOST_RUNS = 100;
/** Runs that are submitted at the same time. */
const AT_ONCE = 5;
const OPERATION = "startProjects";

/**
 * Starts several runs under one key, each on its own: some may fail while others start, and repeating the call
 * replays those that did and tries the others again.
 *
 * @returns one result per order, in their order
 * @throws CodedError BAD_USER_INPUT, IDEMPOTENCY_KEY_REUSED when the key came with another list
 */
export async function startProjects(
  ports: StartPorts,
  principal: Principal,
  { orders, idempotencyKey }: { orders: readonly RunOrder[]; idempotencyKey: string },
): Promise<BatchItem[]> {
  checkedKey(idempotencyKey);
  if (orders.length === 0 || orders.length > MOST_RUNS) {
    throw badInput("inputs", `${orders.length} inputs`, `1 to ${MOST_RUNS} inputs`);
  }
  const context = ports.digest(canonicalJson(orders));
  const now = ports.clock.now();
  const isOurs = await ports.starts.bind(
    {
      tenant: principal.tenant,
      principal: principal.subject,
      operation: OPERATION,
      key: idempotencyKey,
      fingerprint: context,
    },
    { now, expiresAt: new Date(now.getTime() + ports.settings.idempotencyTtlMs) },
  );
  if (!isOurs) throw keyReused();
  return inTurns(orders, async (order, index) => {
    const scope = { operation: `${OPERATION}[${index}]`, context };
    try {
      return await startRun(ports, principal, { order, key: idempotencyKey, scope });
    } catch (error) {
      if (isCodedError(error)) return { failure: error };
      throw error;
    }
  });
}

async function inTurns<A, B>(
  items: readonly A[],
  work: (item: A, index: number) => Promise<B>,
): Promise<B[]> {
  const results: B[] = [];
  const queue = items.entries();
  const workers = Array.from({ length: Math.min(AT_ONCE, items.length) }, async () => {
    for (const [index, item] of queue) results[index] = await work(item, index);
  });
  await Promise.all(workers);
  return results;
}
