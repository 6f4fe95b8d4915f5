import { GraphQLError, type ExecutionResult } from "graphql";
import type { CodedError } from "../../lib/errors.ts";
import type { Caller } from "../../lib/graphql-endpoint.ts";
import type { Clock } from "../../lib/clock.ts";
import { asGraphQLError, type TellErrors } from "../errors/errors.ts";
import type { TracedWork, Tracing } from "../tracing/tracing.ts";
import type { Listener } from "./listener.ts";
import { toLiveEvent, type LiveEvent } from "./live-event.ts";
import type { TriggerPlan } from "./plan-trigger.ts";

/** An event with everything added that other subgraphs know. */
export interface Completed {
  /** The data as JSON. */
  body: string | undefined;
  hasErrors: boolean;
  correlationId: string;
  as(id: string): LiveEvent;
}

/** For whom a trigger completes its events. */
interface Audience extends Pick<Caller, "identity" | "clientHeaders"> {
  /** Begins the correlation ids. */
  id: string;
  field: string;
}

/** Most subscriptions that the trace of an event names. */
const LINKS_LIMIT = 32;

/** Completes the events of one trigger, each under a correlation id and in a trace of its own. */
export class Completion {
  readonly #for: Audience;
  readonly #deps: { clock: Clock; tell: TellErrors; tracing: Tracing };
  #sequence = 0;

  constructor(audience: Audience, deps: { clock: Clock; tell: TellErrors; tracing: Tracing }) {
    this.#for = audience;
    this.#deps = deps;
  }

  /** How many there were so far. */
  get sequence(): number {
    return this.#sequence;
  }

  /** `what` names the span: an event that came, or the state for those who came late. */
  async complete(
    plan: TriggerPlan,
    event: ExecutionResult,
    { what, listeners }: { what: "event" | "state"; listeners: ReadonlyMap<Listener, unknown> },
  ): Promise<Completed> {
    const { identity, clientHeaders } = this.#for;
    const correlationId = this.#nextId();
    const work = this.#traced(`${what} ${this.#for.field}`, correlationId, listeners);
    const { size } = listeners;
    const { data, errors, extensions } = await plan
      .complete(event, { identity, clientHeaders, correlationId, traceparent: work.traceparent })
      .catch((cause: unknown): ExecutionResult => ({ errors: [unexpected(cause)] }));
    work.end({ failed: errors?.[0], attributes: { listeners: size } });
    const { clock, tell } = this.#deps;
    const body = data === undefined ? undefined : JSON.stringify(data);
    const told = errors && tell(errors, { correlationId });
    return {
      body,
      hasErrors: errors !== undefined,
      correlationId,
      as: (id) => toLiveEvent(body, { id, atMs: clock.monotonicMs(), errors: told, extensions }),
    };
  }

  /** What those hear whose subgraph is away. `id` is that of the event before: whoever comes back with it goes on there. */
  outage(error: CodedError, { subgraph, id }: { subgraph: string; id: string | undefined }): LiveEvent {
    const { clock, tell } = this.#deps;
    const correlationId = this.#nextId();
    const { message, extensions } = asGraphQLError(error);
    const named = new GraphQLError(message, { extensions: { ...extensions, subgraph } });
    const errors = tell([named], { correlationId });
    return toLiveEvent(undefined, {
      errors,
      atMs: clock.monotonicMs(),
      id: id ?? `${this.#for.id}:${this.#sequence}`,
    });
  }

  #nextId(): string {
    this.#sequence += 1;
    return `${this.#for.id}.${this.#sequence}`;
  }

  /** A trace of its own, which names the subscriptions that it is for. */
  #traced(name: string, correlationId: string, listeners: ReadonlyMap<Listener, unknown>): TracedWork {
    const links: (string | undefined)[] = [];
    for (const { traceparent } of listeners.keys()) if (links.push(traceparent) === LINKS_LIMIT) break;
    const attributes = { "subscription.field": this.#for.field, correlation_id: correlationId };
    return this.#deps.tracing.begin(name, { kind: "event", links, attributes });
  }
}

const unexpected = (cause: unknown) =>
  new GraphQLError("The event could not be completed", { originalError: cause as Error });
