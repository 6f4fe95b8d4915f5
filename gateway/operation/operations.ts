import { GraphQLError, OperationTypeNode, type ExecutionResult, type GraphQLFormattedError } from "graphql";
import { CodedError } from "../../lib/errors.ts";
import type { Caller } from "../../lib/graphql-endpoint.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import { asGraphQLError, toClientErrors } from "../errors.ts";
import type { Payload } from "../execution/defer/payload.ts";
import type { Operation } from "../execution/engine.ts";
import type { Generations } from "../generations.ts";
import type { TracedWork, Tracing } from "../tracing/tracing.ts";
import type { Limits } from "../limits/limits.ts";
import type { Quota } from "../limits/quotas.ts";
import { prepareOperation, type OperationRequest } from "./prepare.ts";
import type { LiveEvent } from "../subscriptions/live-event.ts";
import type { EndReason, SubscriptionMeter } from "../subscriptions/metrics.ts";
import { Outbox, type Lane } from "../subscriptions/outbox.ts";
import { endOf, type Permits } from "./permits.ts";
import type { Session } from "./session.ts";
import type { Listener } from "../subscriptions/listener.ts";
import type { Attachment, Triggers } from "../subscriptions/triggers.ts";

/** An operation as it arrives over any streaming transport. */
export interface StreamRequest extends OperationRequest {
  correlationId: string;
  /** Of which trace it is a part. */
  traceparent: string | undefined;
  /** The last event that the client saw. */
  lastEventId: string | undefined;
  /** The client knows how to come back after a cut: its events are kept for a while. */
  mayResume: boolean;
  /** Came by GET, which changes nothing. */
  isReadOnly: boolean;
}

/** Where the answers to one operation go. */
export interface Sink extends Lane {
  /** The only result of a query or mutation, as JSON; `complete` follows. */
  result(json: string): void;
  /** The operation ends with errors. */
  fail(errors: readonly GraphQLFormattedError[]): void;
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

/** The one way into the engine for every streaming transport. */
export interface Operations {
  /** Undefined when it was refused; the sink has been told why. */
  start(request: StreamRequest, session: Session, sink: Sink): RunningOperation | undefined;
}

export interface OperationsDependencies {
  generations: Generations;
  permits: Permits;
  triggers: Triggers;
  /** Subscriptions by identity. */
  quota: Quota;
  meter: SubscriptionMeter;
  limits: Limits;
  hidesSchema: boolean;
  tracing: Tracing;
  clock: Clock;
  log: Log;
}

export function createOperations(deps: OperationsDependencies): Operations {
  return {
    start: (request, session, sink) => {
      const refuse = (errors: readonly GraphQLError[]) => {
        sink.fail(toClientErrors(errors, { correlationId: request.correlationId, log: deps.log }));
        return undefined;
      };
      const operation = prepareOperation(request, session.identity, {
        supergraph: deps.generations.current().supergraph,
        limits: deps.limits,
        hidesSchema: deps.hidesSchema,
      });
      if (Array.isArray(operation)) return refuse(operation);
      const kind = operation.definition.operation;
      if (kind === OperationTypeNode.MUTATION && request.isReadOnly) return refuse([notByGet()]);
      if (kind !== OperationTypeNode.SUBSCRIPTION)
        return runOnce(deps, { operation, request, session, sink });
      const exceeded = deps.quota.take(session.quotaKey);
      if (exceeded) return refuse([asGraphQLError(deps.limits.tooMany(exceeded))]);
      const subscription = new Subscription(deps, { operation, request, session, sink });
      const errors = subscription.begin(request.lastEventId);
      return errors ? refuse(errors) : subscription;
    },
  };
}

const notByGet = () =>
  asGraphQLError(new CodedError("BAD_USER_INPUT", "Mutations cannot be sent by GET; use POST"));

interface Start {
  operation: Operation;
  request: StreamRequest;
  session: Session;
  sink: Sink;
}

function runOnce({ generations, log }: OperationsDependencies, start: Start): RunningOperation {
  const { operation, request, session, sink } = start;
  let stopped = false;
  const { correlationId, traceparent } = request;
  const { identity, clientHeaders } = session;
  const caller: Caller = { identity, clientHeaders, correlationId, traceparent };
  const deliver = (payload: Payload | ExecutionResult) => {
    if (!stopped) sink.result(JSON.stringify(toClientPayload(payload, { correlationId, log })));
  };
  void generations
    .current()
    .engine.executeInParts(operation, caller, deliver)
    .catch((cause: unknown) => deliver({ errors: [unexpected(cause)] }))
    .finally(() => {
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

/** A result or a part of one with its errors in the form that clients see. */
function toClientPayload(
  payload: Payload | ExecutionResult,
  request: Parameters<typeof toClientErrors>[1],
): unknown {
  const told = <T extends object>(part: T & { errors?: readonly GraphQLError[] }) =>
    part.errors ? { ...part, errors: toClientErrors(part.errors, request) } : part;
  return "incremental" in payload
    ? { ...payload, incremental: payload.incremental.map(told) }
    : told(payload);
}

/** One client's subscription: authorised for itself with every event, fed by a trigger that it may share. */
class Subscription implements RunningOperation, Listener {
  readonly isSubscription = true;
  readonly #deps: OperationsDependencies;
  readonly #start: Start;
  #attachment: Attachment | undefined;
  #outbox: Outbox | undefined;
  /** In which epoch of permits the caller was last found to have what the operation needs. */
  #allowedInEpoch: number;
  #work: TracedWork | undefined;
  /** One that finishes gets nothing new; what waits for a slow client still goes out. */
  #state: "listening" | "finishing" | "over" = "listening";

  constructor(deps: OperationsDependencies, start: Start) {
    this.#deps = deps;
    this.#start = start;
    this.#allowedInEpoch = deps.permits.epoch;
  }

  get traceparent(): string | undefined {
    return this.#work?.traceparent;
  }

  /** Begins to listen; what is wrong comes back as errors, and then nothing has begun. */
  begin(lastEventId: string | undefined): readonly GraphQLError[] | undefined {
    const { operation, session, request } = this.#start;
    const attachment = this.#deps.triggers.join(operation, session);
    if (!("listen" in attachment)) {
      if (this.#attachment === undefined) this.#deps.quota.give(session.quotaKey);
      return attachment;
    }
    if (this.#attachment === undefined) this.#begun(attachment);
    this.#attachment = attachment;
    this.#outbox ??= new Outbox(this.#start.sink, attachment.delivery, {
      conflated: () => this.#deps.meter.conflated(),
      overflowed: () => this.#deps.limits.exceeded("subscriptionQueue"),
      mayWrite: () => this.#mayHave(this.#deps.clock.monotonicMs()),
    });
    this.#deps.log.debug({ correlationId: request.correlationId }, "subscribed");
    attachment.listen(this, lastEventId);
    return undefined;
  }

  #begun({ field }: Attachment): void {
    const { correlationId, traceparent: parent } = this.#start.request;
    const attributes = { "subscription.field": field, correlation_id: correlationId };
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
      this.#start.sink.complete();
    });
  }

  fail(errors: readonly GraphQLError[]): void {
    if (this.#state === "over") return;
    this.#end("refused", false);
    this.#start.sink.fail(
      toClientErrors(errors, { correlationId: this.#start.request.correlationId, log: this.#deps.log }),
    );
  }

  stop(reason: EndReason): void {
    const wasCut =
      reason === "disconnected" || reason === "drain" || reason === "slow" || reason === "expired";
    this.#end(reason, wasCut && this.#start.request.mayResume);
  }

  identityChanged(): void {
    const { operation, session, request } = this.#start;
    if (!this.recheck()) return;
    if (this.#deps.triggers.keyOf(operation, session) === this.#attachment?.key) return;
    const former = this.#attachment;
    // What waits was made for the former claims; the new trigger has what follows the last that went out.
    this.#outbox?.drop();
    const errors = this.begin(this.#outbox?.lastWrittenId ?? request.lastEventId);
    if (errors) return this.fail(errors);
    former?.leave(this, { mayResume: false });
  }

  recheck(): boolean {
    const { operation, session } = this.#start;
    const refused = this.#deps.permits.refusals(operation.document, session.identity);
    this.#allowedInEpoch = this.#deps.permits.epoch;
    if (refused.length > 0) this.fail(refused);
    return refused.length === 0;
  }

  /** Whether the caller may have an event now; whoever holds the connection ends a session that is over. */
  #mayHave(nowMs: number): boolean {
    const { permits } = this.#deps;
    if (endOf(this.#start.session, nowMs, permits)) return false;
    return this.#allowedInEpoch === permits.epoch || this.recheck();
  }

  #end(reason: EndReason, mayResume: boolean): void {
    if (this.#state === "listening") this.#leave(reason, mayResume);
    this.#state = "over";
    this.#outbox?.drop();
  }

  #leave(reason: EndReason, mayResume: boolean): void {
    this.#attachment?.leave(this, { mayResume });
    this.#deps.quota.give(this.#start.session.quotaKey);
    this.#deps.meter.ended(reason);
    this.#work?.end({ attributes: { end_reason: reason } });
  }
}

const unexpected = (cause: unknown) =>
  new GraphQLError("The operation failed", { originalError: cause as Error });
