import type { Kysely } from "kysely";
import type { AuditEntry } from "../../lib/audit-entry.ts";
import type { RecordAttempt } from "./audited.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import { writeAudit, type AuditLogName } from "../../db/audit-log.ts";
import type { Database } from "../../db/tables.ts";

/** Writes attempted mutations into a log; one that cannot be written is told of in the process log. */
export const createAttemptRecorder =
  (log: AuditLogName, deps: { db: Kysely<Database>; clock: Clock; log: Log }): RecordAttempt =>
  async ({ caller: { identity, correlationId }, action, payload, entityId, code }) => {
    const entry: AuditEntry = {
      tenant: identity.tenant,
      actor: identity.subject,
      actorRole: identity.role,
      tokenId: identity.tokenId ?? null,
      action,
      entityType: entityTypeOf(action),
      entityId,
      outcome: code === null ? "succeeded" : "denied",
      code,
      correlationId,
      payload,
      at: deps.clock.now(),
    };
    await writeAudit(deps.db, log, entry).catch((err: unknown) =>
      deps.log.error({ err, action, correlationId }, "an attempt could not be written to the audit log"),
    );
  };

const ENTITY_TYPES: readonly [RegExp, string][] = [
  [/Projects?(Budget)?$/, "Project"],
  [/Run$|RunKpi/, "Run"],
  [/LaneOverride$/, "LaneOverride"],
  [/Lane$/, "Task"],
  [/Circuit$/, "CircuitBreaker"],
  [/ShadowDiff$/, "ShadowDiff"],
  [/Plm/, "PLM"],
];

const entityTypeOf = (action: string): string =>
  ENTITY_TYPES.find(([pattern]) => pattern.test(action))?.[1] ?? "Other";
