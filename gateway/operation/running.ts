import { type GraphQLError, type ExecutionResult, type GraphQLFormattedError } from "graphql";
import type { Clock } from "../../lib/clock.ts";
import type { Caller } from "../../lib/graphql-endpoint.ts";
import type { Log } from "../../lib/log.ts";
import type { TellErrors } from "../errors/errors.ts";
import type { Deliver, Payload, Progress } from "../execution/payload.ts";
import type { Operation } from "../execution/engine.ts";
import type { Generations } from "../generations/generations.ts";
import type { Limits } from "../limits/limits.ts";
import type { Quota } from "../limits/quotas.ts";
import type { Listener } from "../subscriptions/listener.ts";
import type { LiveEvent } from "../subscriptions/live-event.ts";
import type { EndReason, SubscriptionMeter } from "../subscriptions/metrics.ts";
import { Outbox, type Lane, type OutboxEvents } from "../subscriptions/outbox.ts";
import type { Attachment, Triggers } from "../subscriptions/triggers.ts";
import type { TracedWork, Tracing } from "../tracing/tracing.ts";
import { endOf, type Permits } from "./permits.ts";
import { statusOfErrors, unexpected } from "./refused.ts";
import type { Session } from "./session.ts";

/** What a client that takes its answers as a stream says beside its operation. */
export interface StreamDetails {
  correlationId: string;
  /** Of which trace it is a part. */
  traceparent: string | undefined;
  /** Whether the client has parts announced (incremental delivery v0.2), or takes each by its path, which is older. */
  announcesParts?: boolean;
  /** The last event that the client saw. */
  lastEventId: string | undefined;
  /** The client knows how to come back after a cut: its events are kept for a while. */
  mayResume: boolean;
}

/** Where the answers to one operation go. */
export interface Sink extends Lane {
  /** A result of a query or mutation, or a part of one, as JSON; `complete` follows. */
  result(json: string): void;
  /** The operation ends with errors; the status is for those who have not said anything yet. */
  fail(errors: readonly GraphQLFormattedError[], status: number): void;
  complete(): void;
}

/** An operation that has begun. */
export interface RunningOperation {
  readonly isSubscription: boolean;
  /** Ends it without a word to the client. */
  stop(reason: EndReason): void;
  /** The session's identity has changed: the operation goes on under the new one, or fails. */
  identityChanged(): void;
}

export interface RunningDependencies {
  generations: Generations;
  permits: Permits;
  triggers: Triggers;
  /** Subscriptions by identity. */
  quota: Quota;
  meter: SubscriptionMeter;
  limits: Limits;
  tracing: Tracing;
  clock: Clock;
  tell: TellErrors;
  log: Log;
}

export interface Start {
  operation: Operation;
  request: StreamDetails;
  session: Session;
  sink: Sink;
}

/**
 * Answers a query or mutation in as many parts as come.
 *
 * @param onEnd told whether there were errors, when the last part has been delivered
 */
export function runOnce(
  { generations, tell }: Pick<RunningDependencies, "generations" | "tell">,
  { operation, request, session, sink }: Start,
  onEnd: (failed: boolean) => void,
): RunningOperation {
  let stopped = false;
  let failed = false;
  const { correlationId, traceparent } = request;
  const { identity, clientHeaders, quotaKey: limitKey } = session;
  const caller: Caller = { identity, limitKey, clientHeaders, correlationId, traceparent };
  const deliver: Deliver = (payload, progress) => {
    const told = request.announcesParts
      ? announcing(payload, progress, (errors) => tell(errors, request))
      : toClientPayload(payload, (errors) => tell(errors, request));
    failed ||= hasErrors(told);
    if (stopped) return;
    if (told.errors === undefined || "data" in told) return sink.result(JSON.stringify(told));
    stopped = true;
    sink.fail(told.errors, statusOfErrors(told.errors));
  };
  void generations
    .current()
    .engine.executeInParts(operation, caller, deliver)
    .catch((cause: unknown) => deliver({ errors: [unexpected(cause)] }))
    .finally(() => {
      onEnd(failed);
      if (!stopped) sink.complete();
    });
  return {
    isSubscription: false,
    stop: () => {
      stopped = true;
    },
    identityChanged: () => {},
  };
}

/** What clients are sent of an answer that comes in parts. */
interface ClientPayload {
  errors?: readonly GraphQLFormattedError[];
  incremental?: readonly { errors?: unknown }[];
  completed?: readonly { errors?: unknown }[];
  pending?: Progress["pending"];
  hasNext?: boolean;
}

/** Errors in the form that clients see. */
type Tell = (errors: readonly GraphQLError[]) => GraphQLFormattedError[];

const hasErrors = ({ errors, incremental = [], completed = [] }: ClientPayload): boolean =>
  errors !== undefined || [...incremental, ...completed].some((part) => part.errors !== undefined);

/** The same for clients of incremental delivery v0.2: parts are announced, come by their ids, and are completed. */
function announcing(
  payload: Payload | ExecutionResult,
  { pending, completed }: Progress = { pending: [], completed: [] },
  tell: Tell,
): ClientPayload {
  const announced = pending.length > 0 && { pending };
  if (completed.length === 0) return { ...toClientPayload(payload, tell), ...announced };
  const told = completed.map(({ id, increment }) => ({
    id,
    data: increment?.data,
    ...(increment?.errors && { errors: tell(increment.errors) }),
  }));
  const come = told.flatMap(({ data, ...part }) => (data ? [{ ...part, data }] : []));
  const lost = told.map(({ id, data, errors }) => (data === null && errors ? { id, errors } : { id }));
  const { hasNext } = payload as { hasNext: boolean };
  return { ...announced, ...(come.length > 0 && { incremental: come }), completed: lost, hasNext };
}

/** A result or a part of one with its errors in the form that clients see. */
function toClientPayload(payload: Payload | ExecutionResult, tell: Tell): ClientPayload {
  const told = <T extends { errors?: readonly GraphQLError[] | undefined }>({ errors, ...part }: T) => ({
    ...part,
    ...(errors && { errors: tell(errors) }),
  });
  return "incremental" in payload
    ? { ...payload, incremental: payload.incremental.map(told) }
    : told<Payload & { errors?: readonly GraphQLError[] }>(payload as Payload);
}

/** One client's subscription: authorised for itself with every event, fed by a trigger that it may share. */
export class Subscription implements RunningOperation, Listener, OutboxEvents {
  readonly isSubscription = true;
  readonly #deps: RunningDependencies;
  /** That of the trigger where it says the same: what clients sent is not kept for each of them. */
  #operation: Operation;
  readonly #session: Session;
  readonly #sink: Sink;
  readonly #correlationId: string;
  readonly #mayResume: boolean;
  #attachment: Attachment | undefined;
  #outbox: Outbox | undefined;
  /** In which epoch of permits the caller was last found to have what the operation needs. */
  #allowedInEpoch: number;
  #work: TracedWork | undefined;
  /** One that finishes gets nothing new; what waits for a slow client still goes out. */
  #state: "listening" | "finishing" | "over" = "listening";

  constructor(deps: RunningDependencies, { operation, request, session, sink }: Start) {
    this.#deps = deps;
    this.#operation = operation;
    this.#session = session;
    this.#sink = sink;
    this.#correlationId = request.correlationId;
    this.#mayResume = request.mayResume;
    this.#allowedInEpoch = deps.permits.epoch;
  }

  get traceparent(): string | undefined {
    return this.#work?.traceparent;
  }

  get isBehind(): boolean {
    return this.#outbox?.isWaiting === true;
  }

  /** Begins to listen; what is wrong comes back as errors, and then nothing has begun. */
  begin(lastEventId: string | undefined, parent?: string): readonly GraphQLError[] | undefined {
    const attachment = this.#deps.triggers.join(this.#operation, this.#session);
    if (!("listen" in attachment)) {
      if (this.#attachment === undefined) this.#deps.quota.give(this.#session.quotaKey);
      return attachment;
    }
    if (this.#attachment === undefined) this.#begun(attachment, parent);
    this.#attachment = attachment;
    const { document, explains } = attachment.operation;
    if (document === this.#operation.document && explains === this.#operation.explains)
      this.#operation = attachment.operation;
    this.#outbox ??= new Outbox(
      { lane: this.#sink, delivery: attachment.delivery, lastWrittenId: lastEventId },
      this,
    );
    this.#deps.log.debug({ correlationId: this.#correlationId }, "subscribed");
    attachment.listen(this, lastEventId);
    return undefined;
  }

  conflated(): void {
    this.#deps.meter.conflated();
  }

  overflowed(): void {
    this.#deps.limits.exceeded("subscriptionQueue");
  }

  mayWrite(): boolean {
    return this.#mayHave(this.#deps.clock.monotonicMs());
  }

  #begun({ field }: Attachment, parent: string | undefined): void {
    const attributes = { "subscription.field": field, correlation_id: this.#correlationId };
    this.#work = this.#deps.tracing.begin(`subscription ${field}`, { kind: "operation", parent, attributes });
    this.#deps.meter.started();
  }

  event(event: LiveEvent): void {
    if (this.#state === "listening" && this.#mayHave(event.atMs)) this.#outbox?.put(event);
  }

  complete(): void {
    if (this.#state !== "listening") return;
    this.#leave("completed", false);
    this.#state = "finishing";
    this.#outbox?.finish(() => {
      this.#state = "over";
      this.#sink.complete();
    });
  }

  fail(errors: readonly GraphQLError[]): void {
    if (this.#state === "over") return;
    this.#end("refused", false);
    const told = this.#deps.tell(errors, { correlationId: this.#correlationId });
    this.#sink.fail(told, statusOfErrors(told));
  }

  stop(reason: EndReason): void {
    const wasCut =
      reason === "disconnected" || reason === "drain" || reason === "slow" || reason === "expired";
    this.#end(reason, wasCut && this.#mayResume);
  }

  identityChanged(): void {
    if (!this.recheck()) return;
    if (this.#deps.triggers.keyOf(this.#operation, this.#session) === this.#attachment?.key) return;
    const former = this.#attachment;
    // What waits was made for the former claims; the new trigger has what follows the last that went out.
    this.#outbox?.drop();
    const errors = this.begin(this.#outbox?.lastWrittenId);
    if (errors) return this.fail(errors);
    former?.leave(this, { mayResume: false });
  }

  recheck(): boolean {
    const refused = this.#deps.permits.refusals(this.#operation, this.#session.identity);
    this.#allowedInEpoch = this.#deps.permits.epoch;
    if (refused.length > 0) this.fail(refused);
    return refused.length === 0;
  }

  /** Whether the caller may have an event now; whoever holds the connection ends a session that is over. */
  #mayHave(nowMs: number): boolean {
    const { permits } = this.#deps;
    if (endOf(this.#session, nowMs, permits)) return false;
    return this.#allowedInEpoch === permits.epoch || this.recheck();
  }

  #end(reason: EndReason, mayResume: boolean): void {
    if (this.#state === "listening") this.#leave(reason, mayResume);
    this.#state = "over";
    this.#outbox?.drop();
  }

  #leave(reason: EndReason, mayResume: boolean): void {
    this.#attachment?.leave(this, { mayResume });
    this.#deps.quota.give(this.#session.quotaKey);
    this.#deps.meter.ended(reason);
    this.#work?.end({ attributes: { end_reason: reason } });
  }
}
