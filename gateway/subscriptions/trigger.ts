import { GraphQLError, type ExecutionResult } from "graphql";
import type { Clock } from "../../lib/clock.ts";
import type { Caller } from "../../lib/graphql-endpoint.ts";
import type { Identity } from "../../lib/identity.ts";
import type { Log } from "../../lib/log.ts";
import { toClientErrors } from "../errors.ts";
import type { TracedWork, Tracing } from "../tracing/tracing.ts";
import type { Operation } from "../execution/engine.ts";
import type { Delivery } from "./delivery.ts";
import { compareEventIds } from "./event-id.ts";
import { History } from "./history.ts";
import type { Listener } from "./listener.ts";
import { afterGap, toLiveEvent, type LiveEvent } from "./live-event.ts";
import type { SubscriptionMeter } from "./metrics.ts";
import { asksTheSame, type TriggerPlan } from "./plan-trigger.ts";
import { openUpstream, type Upstream } from "./upstream.ts";

export interface TriggerSpec {
  /** Names the trigger in logs and correlation ids; event ids of unversioned fields begin with it. */
  id: string;
  field: string;
  operation: Operation;
  delivery: Delivery;
  /** The shared identity under which everything runs. */
  identity: Identity;
}

export interface TriggerDependencies {
  clock: Clock;
  log: Log;
  meter: SubscriptionMeter;
  tracing: Tracing;
  /** The trigger has ended by itself. */
  onEnd(): void;
}

/** A listener that said which event it saw last, until we know what it missed. */
interface Joining {
  lastEventId: string;
  sinceMs: number;
  /** It has seen what we have not yet. */
  isAhead: boolean;
}

/** The event before: its version, its data as JSON, how often that version has come with new data. */
interface Latest {
  version: string | undefined;
  body: string | undefined;
  again: number;
}

interface Arrival {
  event: ExecutionResult;
  plan: TriggerPlan;
  /** The number of the stream that it came from. */
  stream: number;
  atMs: number;
}

/** How long a listener may be ahead of us before we take its last id for a stranger's. */
const AHEAD_LIMIT_MS = 5_000;
/** Most subscriptions that the trace of an event names. */
const LINKS_LIMIT = 32;
/** Most events that wait to be completed; more than that are dropped, and the gap is said. */
const ARRIVAL_LIMIT = 1_024;

/** One stream of a subgraph and one execution per event, for all who ask the same. */
export class Trigger {
  readonly spec: TriggerSpec;
  readonly #deps: TriggerDependencies;
  readonly #listeners = new Map<Listener, Joining | undefined>();
  readonly #history = new History();
  #plan: TriggerPlan;
  #upstream: Upstream | undefined;
  #successor: Upstream | undefined;
  #arrivals: Arrival[] = [];
  #latest: Latest = { version: undefined, body: undefined, again: 0 };
  #completing = false;
  #mayHaveMissed = false;
  #isEnding = false;
  #isClosed = false;
  #sequence = 0;
  #stream = 0;

  constructor(spec: TriggerSpec, plan: TriggerPlan, deps: TriggerDependencies) {
    this.spec = spec;
    this.#plan = plan;
    this.#deps = deps;
  }

  get listeners(): ReadonlySet<Listener> {
    return new Set(this.#listeners.keys());
  }

  get isWatched(): boolean {
    return this.#listeners.size > 0;
  }

  /** Whether somebody who was cut off could come back to something. */
  get canBeResumed(): boolean {
    return this.#history.latest !== undefined;
  }

  /** Begins with the current state, or after `lastEventId`; the first to come opens the stream, as a part of its trace. */
  attach(listener: Listener, lastEventId: string | undefined): void {
    this.#upstream ??= this.#open(this.#plan, listener.traceparent);
    const { latest } = this.#history;
    if (lastEventId === undefined) {
      this.#listeners.set(listener, undefined);
      if (latest && this.spec.delivery.startsWithLatest) this.#replay(listener, [latest]);
      return;
    }
    const missed = this.#history.after(lastEventId);
    if (!latest || missed.kind === "ahead") {
      const sinceMs = this.#deps.clock.monotonicMs();
      this.#listeners.set(listener, { lastEventId, sinceMs, isAhead: latest !== undefined });
      return;
    }
    this.#listeners.set(listener, undefined);
    this.#deps.meter.resumed(missed.kind === "known");
    this.#replay(listener, missed.kind === "known" ? missed.events : [afterGap(latest)]);
  }

  /** Gives one listener what the others had before. */
  #replay(listener: Listener, events: readonly LiveEvent[]): void {
    this.#deps.meter.delivered(events.length);
    for (const event of events) listener.event(event);
  }

  detach(listener: Listener): void {
    this.#listeners.delete(listener);
  }

  /**
   * Follows a new supergraph. A stream that would be asked the same stays open; another one is opened beside
   * it first and takes over with its first event.
   */
  replan(plan: TriggerPlan): void {
    if (this.#isClosed) return;
    this.#successor?.close();
    this.#successor = undefined;
    if (asksTheSame(plan, this.#plan)) {
      this.#plan = plan;
      return;
    }
    const [first] = this.#listeners.keys();
    this.#successor = this.#open(plan, first?.traceparent);
  }

  /** Ends the subgraph's stream; listeners are not told. */
  close(): void {
    this.#isClosed = true;
    this.#upstream?.close();
    this.#successor?.close();
    this.#arrivals = [];
  }

  #open(plan: TriggerPlan, traceparent: string | undefined): Upstream {
    const caller: Caller = { identity: this.spec.identity, correlationId: this.spec.id, traceparent };
    const takeOver = () => {
      if (upstream !== this.#successor) return;
      this.#upstream?.close();
      this.#upstream = upstream;
      this.#successor = undefined;
      this.#plan = plan;
      this.#stream += 1;
    };
    const upstream: Upstream = openUpstream(
      plan.endpoint,
      { ...plan.request, caller },
      {
        event: (event) => {
          takeOver();
          const atMs = this.#deps.clock.monotonicMs();
          this.#arrived({ event, plan: this.#plan, stream: this.#stream, atMs });
        },
        restarted: () => {
          this.#deps.log.info({ trigger: this.spec.id, subgraph: plan.subgraph }, "subscribed again");
          this.#mayHaveMissed = true;
          this.#stream += 1;
        },
        ended: () => {
          takeOver();
          this.#isEnding = true;
          void this.#work();
        },
      },
    );
    return upstream;
  }

  #arrived(arrival: Arrival): void {
    this.#deps.meter.arrived(this.spec.field);
    if (this.spec.delivery.conflate) this.#arrivals.length = 0;
    this.#arrivals.push(arrival);
    if (this.#arrivals.length > ARRIVAL_LIMIT) {
      this.#arrivals.shift();
      this.#mayHaveMissed = true;
    }
    void this.#work();
  }

  /** Completes what has arrived, one after the other. */
  async #work(): Promise<void> {
    if (this.#completing) return;
    this.#completing = true;
    for (let next = this.#arrivals.shift(); next && !this.#isClosed; next = this.#arrivals.shift())
      await this.#process(next);
    this.#completing = false;
    if (this.#isEnding && !this.#isClosed) this.#end();
  }

  async #process({ event, plan, stream, atMs }: Arrival): Promise<void> {
    const { spec } = this;
    // Not when the stream began: what the former had brought by then may have waited.
    this.#history.comesFrom(stream);
    const { log, clock, meter } = this.#deps;
    const version = plan.takeVersion(event);
    this.#sequence += 1;
    const correlationId = `${spec.id}.${this.#sequence}`;
    const work = this.#traced(correlationId);
    const { data, errors, extensions } = await plan
      .complete(event, { identity: spec.identity, correlationId, traceparent: work.traceparent })
      .catch((cause: unknown): ExecutionResult => ({ errors: [unexpected(cause)] }));
    work.end({ failed: errors?.[0], attributes: { listeners: this.#listeners.size } });
    const body = data === undefined ? undefined : JSON.stringify(data);
    if (this.#isClosed || (!errors && this.#repeats(version, body))) return;
    const told = errors && toClientErrors(errors, { correlationId, log });
    const as = (id: string) => toLiveEvent(body, { id, atMs: clock.monotonicMs(), errors: told, extensions });
    if (this.#history.tellsAgain(version, version === undefined ? "" : as(version).text)) return;
    const id = this.#nextId(version, body);
    const live = as(id);
    this.#publish(live, version !== undefined);
    meter.delivered(this.#listeners.size);
    meter.published(clock.monotonicMs() - atMs);
    log.debug({ trigger: spec.id, correlationId, eventId: id, listeners: this.#listeners.size }, "event");
  }

  /** Every event is a trace of its own, which names the subscriptions that it is for. */
  #traced(correlationId: string): TracedWork {
    const links = [...this.#listeners.keys()].slice(0, LINKS_LIMIT).map(({ traceparent }) => traceparent);
    const attributes = { "subscription.field": this.spec.field, correlation_id: correlationId };
    return this.#deps.tracing.begin(`event ${this.spec.field}`, { kind: "event", links, attributes });
  }

  /** A state that has not changed is not told twice, as after every new subscription to the subgraph. */
  #repeats(version: string | undefined, body: string | undefined): boolean {
    const tellsState = version === undefined ? this.spec.delivery.conflate : version === this.#latest.version;
    return tellsState && body === this.#latest.body;
  }

  /** The version, where there is one; made different when the same one comes with another value. */
  #nextId(version: string | undefined, body: string | undefined): string {
    const again = version !== undefined && version === this.#latest.version ? this.#latest.again + 1 : 0;
    this.#latest = { version, body, again };
    if (version === undefined) return `${this.spec.id}:${this.#sequence}`;
    return again === 0 ? version : `${version}.${again}`;
  }

  #publish(event: LiveEvent, isVersioned: boolean): void {
    const missed = this.#mayHaveMissed && !isVersioned && !this.spec.delivery.conflate;
    this.#mayHaveMissed = false;
    const told = missed ? afterGap(event) : event;
    if (missed) this.#deps.meter.upstreamGap();
    this.#history.add(told);
    for (const [listener, joining] of this.#listeners) {
      if (joining === undefined) listener.event(told);
      else this.#join(listener, joining, told);
    }
    told.bytes.clear();
  }

  #join(listener: Listener, joining: Joining, event: LiveEvent): void {
    const order = compareEventIds(event.id, joining.lastEventId);
    const isYoung = event.atMs - joining.sinceMs < AHEAD_LIMIT_MS;
    if (joining.isAhead && order !== undefined && order < 0 && isYoung) return;
    this.#listeners.set(listener, undefined);
    const isKnown = order === 0 || (joining.isAhead && order !== undefined && order > 0);
    this.#deps.meter.resumed(isKnown);
    if (order !== 0) listener.event(isKnown ? event : afterGap(event));
  }

  #end(): void {
    this.close();
    this.#deps.onEnd();
    for (const listener of this.#listeners.keys()) listener.complete();
    this.#listeners.clear();
  }
}

const unexpected = (cause: unknown) =>
  new GraphQLError("The event could not be completed", { originalError: cause as Error });
