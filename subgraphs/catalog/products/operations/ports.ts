import type { TimeSpan } from "../../../../lib/time-span.ts";
import type { CircuitSnapshot, CircuitTransition } from "../../../../lib/circuit-breaker.ts";
import type { MrpModel, PlmModel } from "../domain/catalogue.ts";
import type { FlatLine } from "../domain/bom.ts";
import type { ModelConfiguration, OptionIds, Rejection } from "../domain/configuration.ts";
import type { ModeCause, PlmMode, PlmSwitch } from "../domain/modes.ts";
import type { FallbackReason, Provenance } from "../domain/provenance.ts";

export type { CircuitKind } from "../../../../lib/circuit.ts";
export type { CircuitSnapshot, CircuitTransition };

/** A value as canonical JSON, packed: known by the hash of that text. Plain data, because it may live in Redis. */
export interface PackedDocument {
  /** Of the text, in hexadecimal. */
  sha256: string;
  gzipBase64: string;
}

/** What an answer of the PLM has beside what was taken from it. */
export interface Leftovers {
  /** Fields that we do not read, by their path without numbers, with how often they came. */
  unknownFields: ReadonlyMap<string, number>;
  /** Records that were taken away, or came twice. */
  rejected: readonly Rejection[];
}

/** The whole catalogue as the PLM told it. */
export interface PlmAnswer extends Leftovers {
  models: readonly PlmModel[];
  correlationId: string;
  schemaVersion: string;
}

/** What one model can be built with, as the PLM told it. */
interface PlmConfigurationAnswer extends Leftovers {
  configuration: ModelConfiguration;
  correlationId: string;
  schemaVersion: string;
  /** The PLM's own words, for those who have to keep them. */
  raw?: PackedDocument;
}

interface ConfigurationRequest {
  correlationId: string;
  /** The PLM's own id of the model. */
  modelPlmId: string;
  /** Codes of the model's trims by the PLM's ids. */
  trimCodes: ReadonlyMap<string, string>;
}

/** The partner's PLM, behind its circuit breaker. Each method throws PlmFailure without a usable answer in time. */
export interface PlmSource {
  readCatalogue(request: { correlationId: string }): Promise<PlmAnswer>;
  readConfiguration(request: ConfigurationRequest): Promise<PlmConfigurationAnswer>;
}

/** The MRP's own product tables, while they are there. */
export interface MrpSource {
  /**
   * Who owns which id: every model and trim, inactive ones too. Once the PLM is in charge these are the ids as they
   * were then, so that the tables are not read any more.
   */
  readProducts(): Promise<readonly MrpModel[]>;
  /** Products to answer with, inactive ones too; undefined once the tables are archived. */
  standIn(): Promise<readonly MrpModel[] | undefined>;
  /** What a model can be built with; undefined for a model that the MRP does not have, or not any more. */
  readConfiguration(modelCode: string): Promise<ModelConfiguration | undefined>;
  /** Ids of a model's options by address; none for a model that the MRP never had. */
  readOptionIds(modelCode: string): Promise<OptionIds>;
}

/** An answer of the PLM as the cache keeps it: plain data, because it may live in another process. */
export interface PlmValue<T> {
  value: T;
  correlationId: string;
  schemaVersion: string;
  /** The PLM's own words, for those who have to keep them. */
  raw?: PackedDocument;
}

/** Both systems' products at the same moment. */
export interface BothCatalogues {
  plm: readonly PlmModel[];
  mrp: readonly MrpModel[];
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
   * Loads and keeps a value; callers that come while it loads, here or in another replica, share the result.
   *
   * @throws whatever `load` throws; the entry that was there stays
   */
  load(key: string, load: () => Promise<T>): Promise<CacheEntry<T>>;
  /** Makes what is known by now no longer fresh, though it may still stand in; all keys without one. */
  expire(key?: string): void;
}

export interface CircuitHistory {
  /** Newest first. */
  latest(circuit: string, count: number): Promise<CircuitTransition[]>;
  /** Those within a span of time, newest first. */
  within(circuit: string, span: TimeSpan, count: number): Promise<CircuitTransition[]>;
  /** The newest up to a moment. */
  before(circuit: string, moment: Date): Promise<CircuitTransition | undefined>;
}

/** The circuit breakers of this process. */
export interface Circuits {
  readonly names: readonly string[];
  snapshot(name: string): CircuitSnapshot | undefined;
  /** The current state at once, then the newest after every change. */
  watch(name: string): AsyncIterableIterator<CircuitSnapshot>;
  /** Opens it in every replica until it is released; `cause` says who wants it and why. */
  isolate(name: string, cause: string): Promise<void>;
  /** Ends an isolation in every replica; `cause` says who wants it and why. */
  release(name: string, cause: string): Promise<void>;
  history: CircuitHistory;
}

/** A change of the mode. */
export interface ModeChange extends PlmSwitch {
  from: PlmMode | null;
  correlationId: string | null;
}

export interface ChangeMode {
  mode: PlmMode;
  models: readonly string[];
  cause: ModeCause;
  reason: string;
  changedBy: string;
  correlationId: string;
  /** Left out, the change overrules whatever is there. */
  expectedVersion: number | undefined;
}

/** How much the catalogue relies on the PLM: one answer for all replicas. */
export interface PlmModes {
  /** False when the PLM has no address: it stays disabled then. */
  readonly isConnected: boolean;
  current(): PlmSwitch;
  /** @throws CodedError CONFLICT when `expectedVersion` is not the current one */
  change(next: ChangeMode): Promise<PlmSwitch>;
  /** Newest first. */
  changes(last: number): Promise<ModeChange[]>;
  /** The current mode at once, then every change. */
  watch(): AsyncIterableIterator<PlmSwitch>;
}

/** Reasons that are decisions of ours, not failures of the PLM. */
export type HeldBack = "DISABLED" | "SHADOW";

export type PlmFailureReason = Exclude<FallbackReason, HeldBack>;

/** Whether the failure says that the PLM is ill, and how long it asked to be left alone. */
export interface PlmFailureDetails {
  countsForCircuit: boolean;
  retryAfterMs?: number;
  /** Where in the answer a value is wrong, like `data.sections.3.code`, and what is wrong with it. */
  place?: string;
  why?: string;
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

/** Compares the PLM with the MRP while the MRP answers; never waited for, never in the way. */
export interface Shadow {
  catalogueRead(request: { correlationId: string }): void;
  configurationRead(modelCode: string, request: { correlationId: string }): void;
}

/** A model's configuration as it was from a moment on. */
export interface BomRevision {
  modelCode: string;
  /** From 1, by model. */
  revision: number;
  configuration: ModelConfiguration;
  provenance: Provenance;
}

/** A revision that holds a configuration, and the document that it is kept as: without ids. */
export interface RecordedRevision {
  revision: number;
  document: PackedDocument;
}

/** A line that needs a part, as the latest revision of a model has it. */
export interface PartUse {
  modelCode: string;
  trimCode: string | null;
  line: FlatLine;
}

/** A record or a field of the PLM that we could not use. */
export interface Leftover {
  /** `catalogue`, or the code of the model whose configuration it was in. */
  subject: string;
  kind: "REJECTED" | "UNKNOWN_FIELD";
  place: string;
  reason: string;
  count: number;
  seenAt: Date;
}
