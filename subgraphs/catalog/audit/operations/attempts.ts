import type { AuditEntry } from "../../../../lib/audit-entry.ts";
import type { Clock } from "../../../../lib/clock.ts";
import type { RefusedAttempt } from "../../../kit/audited.ts";
import { badInput, isCodedError } from "../../../../lib/errors.ts";
import type { AuditLog } from "../ports.ts";
import type { RecordedAuditEntry } from "./ports.ts";
import type { Actor } from "./actor.ts";
import { type Connection, type PageArguments, connectionOf, numberedPage } from "../../../kit/pagination.ts";

export interface Attempt {
  /** The mutation, as in the schema. */
  action: string;
  entityType: string;
  /** Null while there is none yet. */
  entityId: string | null;
  /** What was asked. */
  payload: Readonly<Record<string, unknown>>;
}

export interface AttemptPorts {
  audit: Pick<AuditLog, "record">;
  clock: Clock;
  onAttempt: (attempt: { action: string; outcome: string }) => void;
  onError: (error: unknown) => void;
}

/** The entry of an attempt that succeeded, for the transaction that makes it so. */
export const successOf = (
  actor: Actor,
  attempt: Omit<Attempt, "entityId">,
): Omit<AuditEntry, "entityId" | "at"> => ({
  tenant: actor.tenant,
  actor: actor.subject,
  actorRole: actor.role,
  tokenId: actor.tokenId,
  action: attempt.action,
  entityType: attempt.entityType,
  outcome: "succeeded",
  code: null,
  correlationId: actor.correlationId,
  payload: attempt.payload,
});

/** Leaves an entry about a caller who lacks the scope of a mutation; the arguments are not kept. */
export async function recordDenial(
  ports: AttemptPorts,
  actor: Actor,
  { action, entityId, code, payload }: Omit<RefusedAttempt, "caller">,
): Promise<void> {
  ports.onAttempt({ action, outcome: code.toLowerCase() });
  const attempt = { action, entityType: "Mutation", payload };
  const entry = { ...successOf(actor, attempt), entityId, outcome: "denied" as const, code };
  await ports.audit.record({ ...entry, at: ports.clock.now() }).catch(ports.onError);
}

/**
 * Runs an attempt and, when it is refused, leaves an entry in the audit log; the one of a success is the
 * attempt's own business.
 *
 * @throws whatever `work` throws
 */
export async function attemptAudited<T>(
  ports: AttemptPorts,
  by: { actor: Actor; attempt: Attempt },
  work: () => Promise<T>,
): Promise<T> {
  const { actor, attempt } = by;
  try {
    const result = await work();
    ports.onAttempt({ action: attempt.action, outcome: "succeeded" });
    return result;
  } catch (error) {
    if (!isCodedError(error)) throw error;
    ports.onAttempt({ action: attempt.action, outcome: error.code.toLowerCase() });
    const entry: AuditEntry = {
      ...successOf(actor, attempt),
      entityId: attempt.entityId,
      outcome: "denied",
      code: error.code,
      payload: { ...attempt.payload, message: error.message },
      at: ports.clock.now(),
    };
    // The refusal stands whether or not it can be written down.
    await ports.audit.record(entry).catch(ports.onError);
    throw error;
  }
}

export interface ListAuditInput extends PageArguments {
  entityId?: string | null | undefined;
}

/**
 * A page of the tenant's audit log, newest first.
 *
 * @throws CodedError BAD_USER_INPUT for a bad page
 */
export async function listAudit(
  audit: Pick<AuditLog, "page">,
  tenant: string,
  input: ListAuditInput,
): Promise<Connection<RecordedAuditEntry>> {
  const page = numberedPage(input);
  const { items, totalCount } = await audit.page({ tenant, entityId: input.entityId ?? undefined }, page);
  return connectionOf(items, page, { key: ({ seq }) => seq, totalCount });
}

const REASON_MAX = 500;

/** @throws CodedError BAD_USER_INPUT for an endless reason, or an empty one where a reason is needed */
export function checkReason(
  field: string,
  reason: string | undefined,
  { isNeeded = false }: { isNeeded?: boolean } = {},
): void {
  const isMissing = isNeeded && (reason ?? "").trim() === "";
  if (!isMissing && (reason ?? "").length <= REASON_MAX) return;
  throw badInput(field, reason, isNeeded ? `1-${REASON_MAX} characters` : `at most ${REASON_MAX} characters`);
}
