import { GraphQLError, OperationTypeNode, type ExecutionResult, type GraphQLFormattedError } from "graphql";
import { CodedError } from "../../lib/errors.ts";
import type { Caller } from "../../lib/graphql-endpoint.ts";
import { codedExtensions } from "../../lib/graphql-errors.ts";
import type { Log } from "../../lib/log.ts";
import { refusals } from "../authorize-operation.ts";
import { toClientErrors } from "../errors.ts";
import type { Operation } from "../execution/engine.ts";
import type { Generations } from "../generations.ts";
import { prepareOperation, type OperationRequest } from "../prepare-operation.ts";
import type { LiveEvent } from "./live-event.ts";
import type { EndReason, SubscriptionMeter } from "./metrics.ts";
import { Outbox, type Lane } from "./outbox.ts";
import type { Quota } from "./quotas.ts";
import type { Session } from "./session.ts";
import type { Listener } from "./trigger.ts";
import type { Attachment, Triggers } from "./triggers.ts";

/** An operation as it arrives over any streaming transport. */
export interface StreamRequest extends OperationRequest {
  correlationId: string;
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
  triggers: Triggers;
  /** Subscriptions by identity. */
  quota: Quota;
  meter: SubscriptionMeter;
  log: Log;
}

export function createOperations(deps: OperationsDependencies): Operations {
  return {
    start: (request, session, sink) => {
      const refuse = (errors: readonly GraphQLError[]) => {
        sink.fail(toClientErrors(errors, { correlationId: request.correlationId, log: deps.log }));
        return undefined;
      };
      const operation = prepareOperation(request, session.identity, deps.generations.current().supergraph);
      if (Array.isArray(operation)) return refuse(operation);
      const kind = operation.definition.operation;
      if (kind === OperationTypeNode.MUTATION && request.isReadOnly) return refuse([notByGet()]);
      if (kind !== OperationTypeNode.SUBSCRIPTION)
        return runOnce(deps, { operation, request, session, sink });
      if (!deps.quota.take(session.quotaKey)) return refuse([tooMany("This identity")]);
      const subscription = new Subscription(deps, { operation, request, session, sink });
      const errors = subscription.begin(request.lastEventId);
      return errors ? refuse(errors) : subscription;
    },
  };
}

/** The error for those who hold as many subscriptions as they may. */
export const tooMany = (holder: string) =>
  asGraphQLError(
    new CodedError("RATE_LIMITED", `${holder} holds as many subscriptions as it may; end some first`, {
      retryable: true,
    }),
  );

const notByGet = () =>
  asGraphQLError(new CodedError("BAD_USER_INPUT", "Mutations cannot be sent by GET; use POST"));

const asGraphQLError = (error: CodedError) =>
  new GraphQLError(error.message, { extensions: codedExtensions(error) });

interface Start {
  operation: Operation;
  request: StreamRequest;
  session: Session;
  sink: Sink;
}

function runOnce({ generations, log }: OperationsDependencies, start: Start): RunningOperation {
  const { operation, request, session, sink } = start;
  let stopped = false;
  const caller: Caller = { identity: session.identity, correlationId: request.correlationId };
  const finish = (result: ExecutionResult) => {
    if (stopped) return;
    const errors =
      result.errors && toClientErrors(result.errors, { correlationId: caller.correlationId, log });
    sink.result(JSON.stringify(errors ? { ...result, errors } : result));
    sink.complete();
  };
  void generations
    .current()
    .engine.execute(operation, caller)
    .then(finish, (cause: unknown) => finish({ errors: [unexpected(cause)] }));
  return {
    isSubscription: false,
    stop: () => {
      stopped = true;
    },
    identityChanged: () => {},
  };
}

/** One client's subscription: authorised for itself, fed by a trigger that it may share. */
class Subscription implements RunningOperation, Listener {
  readonly isSubscription = true;
  readonly #deps: OperationsDependencies;
  readonly #start: Start;
  #attachment: Attachment | undefined;
  #outbox: Outbox | undefined;
  #lastEventId: string | undefined;
  #isOver = false;

  constructor(deps: OperationsDependencies, start: Start) {
    this.#deps = deps;
    this.#start = start;
  }

  /** Begins to listen; what is wrong comes back as errors, and then nothing has begun. */
  begin(lastEventId: string | undefined): readonly GraphQLError[] | undefined {
    const { operation, session, request } = this.#start;
    const attachment = this.#deps.triggers.join(operation, session.identity);
    if (!("listen" in attachment)) {
      if (this.#attachment === undefined) this.#deps.quota.give(session.quotaKey);
      return attachment;
    }
    if (this.#attachment === undefined) this.#deps.meter.started();
    this.#attachment = attachment;
    this.#outbox ??= new Outbox(this.#start.sink, attachment.delivery, () => this.#deps.meter.conflated());
    this.#deps.log.debug({ correlationId: request.correlationId }, "subscribed");
    attachment.listen(this, lastEventId);
    return undefined;
  }

  identity() {
    return this.#start.session.identity;
  }

  event(event: LiveEvent): void {
    if (this.#isOver || event.atMs >= this.#start.session.deadlineMs) return;
    this.#lastEventId = event.id;
    this.#outbox?.put(event);
  }

  complete(): void {
    if (!this.#end("completed", false)) return;
    this.#outbox?.finish(() => this.#start.sink.complete());
  }

  fail(errors: readonly GraphQLError[]): void {
    if (!this.#end("refused", false)) return;
    this.#outbox?.drop();
    this.#start.sink.fail(
      toClientErrors(errors, { correlationId: this.#start.request.correlationId, log: this.#deps.log }),
    );
  }

  stop(reason: EndReason): void {
    const wasCut =
      reason === "disconnected" || reason === "drain" || reason === "slow" || reason === "expired";
    if (this.#end(reason, wasCut && this.#start.request.mayResume)) this.#outbox?.drop();
  }

  identityChanged(): void {
    const { operation, session } = this.#start;
    const refused = refusals(
      operation.document,
      session.identity,
      this.#deps.generations.current().supergraph,
    );
    if (refused.length > 0) return this.fail(refused);
    if (this.#deps.triggers.keyOf(operation, session.identity) === this.#attachment?.key) return;
    const former = this.#attachment;
    const errors = this.begin(this.#lastEventId);
    if (errors) return this.fail(errors);
    former?.leave(this, { mayResume: false });
  }

  /** True the first time. */
  #end(reason: EndReason, mayResume: boolean): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    this.#attachment?.leave(this, { mayResume });
    this.#deps.quota.give(this.#start.session.quotaKey);
    this.#deps.meter.ended(reason);
    return true;
  }
}

const unexpected = (cause: unknown) =>
  new GraphQLError("The operation failed", { originalError: cause as Error });
