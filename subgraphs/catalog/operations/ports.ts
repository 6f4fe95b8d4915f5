import { CodedError, type ErrorCode } from "../../../lib/errors.ts";
import type { Catalogue, MrpModel, PlmModel } from "../domain/catalogue.ts";
import type { FallbackReason } from "../domain/provenance.ts";

/** The whole catalogue as the PLM told it. */
export interface PlmAnswer {
  models: readonly PlmModel[];
  correlationId: string;
  schemaVersion: string;
}

/** The partner's PLM, behind its circuit breaker. */
export interface PlmSource {
  /** @throws PlmFailure when there is no usable answer within the deadline */
  readCatalogue(request: { correlationId: string }): Promise<PlmAnswer>;
}

/** The MRP's own product tables. */
export interface MrpSource {
  /** Every model and trim, inactive ones too. */
  readProducts(): Promise<readonly MrpModel[]>;
}

/** What the cache keeps: plain data, because it may live in another process. */
export interface CachedCatalogue {
  catalogue: Catalogue;
  correlationId: string;
  schemaVersion: string;
}

/** A value with its age; `freshUntilMs` and `fetchedAtMs` are milliseconds since 1970. */
export interface CacheEntry<T> {
  value: T;
  fetchedAtMs: number;
  freshUntilMs: number;
}

/** Values by key. A cache that is out of order behaves like an empty one. */
export interface Cache<T> {
  /** The entry, however old, as long as it may be served when the source fails. */
  read(key: string): Promise<CacheEntry<T> | undefined>;
  /**
   * Loads and keeps a value; callers that come while it loads share the result.
   *
   * @throws whatever `load` throws; the entry that was there stays
   */
  load(key: string, load: () => Promise<T>): Promise<CacheEntry<T>>;
}

export type CircuitKind = "CLOSED" | "OPEN" | "HALF_OPEN" | "ISOLATED";

export interface CircuitTransition {
  circuit: string;
  from: CircuitKind;
  to: CircuitKind;
  cause: string | null;
  at: Date;
}

/** A circuit breaker as people see it. */
export interface CircuitSnapshot {
  name: string;
  state: CircuitKind;
  failuresInWindow: number;
  threshold: number;
  windowSeconds: number;
  openedAt: Date | null;
  nextProbeAt: Date | null;
  cause: string | null;
  version: string;
}

export interface CircuitHistory {
  /** Newest first. */
  latest(circuit: string, count: number): Promise<CircuitTransition[]>;
}

/** The circuit breakers of this process. */
export interface Circuits {
  readonly names: readonly string[];
  snapshot(name: string): CircuitSnapshot | undefined;
  /** The current state at once, then the newest after every change. */
  watch(name: string): AsyncIterableIterator<CircuitSnapshot>;
  history: CircuitHistory;
}

export type PlmFailureReason = Exclude<FallbackReason, "DISABLED">;

/** Whether the failure says that the PLM is ill, and how long it asked to be left alone. */
export interface PlmFailureDetails {
  countsForCircuit: boolean;
  retryAfterMs?: number;
  cause?: unknown;
}

/** Why the PLM gave no usable answer. The message is for logs; callers get the one of `toCodedError`. */
export class PlmFailure extends Error {
  readonly reason: PlmFailureReason;
  readonly details: PlmFailureDetails;

  constructor(reason: PlmFailureReason, message: string, details: PlmFailureDetails) {
    super(message, { cause: details.cause });
    this.name = "PlmFailure";
    this.reason = reason;
    this.details = details;
  }
}

interface PublicFailure {
  code: ErrorCode;
  message: string;
}

const BRIEFLY_AWAY = "The product catalogue is briefly unavailable; try again in a moment";
const INCOMPLETE = "The PLM's product data is incomplete right now; try again later or ask support";
const NOT_IN_CATALOGUE = "The PLM has no product data to show; choose another product or ask support";

const PUBLIC: Readonly<Record<PlmFailureReason, PublicFailure>> = {
  TIMEOUT: { code: "PLM_TIMEOUT", message: BRIEFLY_AWAY },
  UNAVAILABLE: { code: "PLM_UNAVAILABLE", message: BRIEFLY_AWAY },
  CIRCUIT_OPEN: { code: "PLM_UNAVAILABLE", message: BRIEFLY_AWAY },
  RATE_LIMITED: { code: "PLM_RATE_LIMITED", message: BRIEFLY_AWAY },
  AUTH_FAILED: {
    code: "PLM_AUTH_FAILED",
    message:
      "The sign-in to the PLM failed; ask an administrator to check PLM_CLIENT_ID and PLM_CLIENT_SECRET",
  },
  MALFORMED: { code: "PLM_MALFORMED", message: INCOMPLETE },
  EMPTY: { code: "PLM_NOT_FOUND", message: NOT_IN_CATALOGUE },
  NOT_IN_PLM: { code: "PLM_NOT_FOUND", message: NOT_IN_CATALOGUE },
};

/** A failure as callers see it: one plain sentence, never the PLM's own words. */
export function toCodedError(failure: PlmFailure): CodedError {
  const { code, message } = PUBLIC[failure.reason];
  const { retryAfterMs } = failure.details;
  const retryable = code !== "PLM_AUTH_FAILED" && code !== "PLM_NOT_FOUND";
  return new CodedError(code, message, {
    retryable,
    cause: failure,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}
