import type { ExecutionResult } from "graphql";
import type { CodedError } from "../../lib/errors.ts";
import type { Position } from "../../lib/broker/broker.ts";
import { Arrivals, type Arrival } from "./arrivals.ts";
import { BrokerPlace } from "./broker-place.ts";
import { Completion } from "./completion.ts";
import { compareEventIds } from "./event-id.ts";
import { EventNames } from "./event-names.ts";
import { History } from "./history.ts";
import { LateListeners, NOT_LATE, type State } from "./late-listeners.ts";
import type { Joining, Listener } from "./listener.ts";
import { afterGap, type LiveEvent } from "./live-event.ts";
import { asksTheSame, type TriggerPlan } from "./plan-trigger.ts";
import type { TriggerDependencies, TriggerSpec } from "./trigger-spec.ts";
import { gapAt, Returning } from "./returning.ts";
import { Upstreams } from "./upstreams.ts";

const AHEAD_LIMIT_MS = 5_000; // Whoever is ahead of us for longer came with the id of a stranger.

/** One stream of a subgraph and one execution per event, for all who ask the same. */
export class Trigger {
  readonly spec: TriggerSpec;
  /** How many events have come from the subgraph, and since when. */
  readonly load: { events: number; readonly since: Date };
  readonly #deps: TriggerDependencies;
  readonly #listeners = new Map<Listener, Joining | undefined>();
  readonly #history: History;
  readonly #arrivals = new Arrivals();
  readonly #late = new LateListeners();
  readonly #names: EventNames;
  readonly #completion: Completion;
  /** Those who come back to what a broker has. */
  readonly #returning: Returning;
  readonly #place = new BrokerPlace();
  readonly #upstreams: Upstreams;
  /** What those hear who come while the subgraph is away. */
  #outage: LiveEvent | undefined;
  #isWorking = false;
  /** A break may have cost events; whether that has to be said depends on the field. */
  #mayHaveMissed = false;
  /** Listeners were told of an outage: the next event says that it is over. */
  #owesGap = false;
  #isEnding = false;
  #isClosed = false;

  constructor(spec: TriggerSpec, plan: TriggerPlan, deps: TriggerDependencies) {
    this.spec = spec;
    this.#names = new EventNames(spec.id);
    this.#completion = new Completion(spec, deps);
    this.#history = new History(deps.kept);
    this.#deps = deps;
    this.load = { events: 0, since: deps.clock.now() };
    this.#upstreams = this.#openings(plan);
    this.#returning = new Returning(deps, {
      plan: () => this.#plan,
      place: this.#place,
      conflate: spec.delivery.conflate,
      complete: (event) =>
        this.#completion.complete(this.#plan, event, { what: "event", listeners: this.#listeners }),
    });
  }

  /** By which events are completed now. */
  get #plan(): TriggerPlan {
    return this.#upstreams.plan;
  }

  /** Who listens now; a copy, for those who come and go while it is walked. */
  get listeners(): readonly Listener[] {
    return [...this.#listeners.keys()];
  }

  get isWatched(): boolean {
    return this.#listeners.size > 0;
  }

  /** Whether a listener who was cut off could go on where it was. */
  get canBeResumed(): boolean {
    return this.#history.latest !== undefined;
  }

  /** Begins with the current state, or after `lastEventId`; the first to come opens the stream, as a part of its trace. */
  attach(listener: Listener, lastEventId: string | undefined): void {
    this.#upstreams.begin(listener.traceparent, { isNew: lastEventId === undefined });
    this.#listeners.set(listener, undefined);
    if (lastEventId !== undefined) this.#resume(listener, lastEventId);
    else if (this.spec.delivery.startsWithLatest) this.#late.add(listener, { hasGap: false });
    if (this.#outage) this.#replay(listener, [this.#returning.own(listener, this.#outage)]);
    void this.#work();
  }

  #resume(listener: Listener, lastEventId: string): void {
    const { latest } = this.#history;
    const missed = this.#history.after(lastEventId);
    if (this.#plan.source && missed.kind !== "known") return this.#returning.add(listener, lastEventId);
    const isForgotten = !latest && this.spec.delivery.startsWithLatest;
    if (isForgotten && this.#late.add(listener, { hasGap: true })) return this.#deps.meter.resumed(false);
    if (!latest || missed.kind === "ahead") {
      const sinceMs = this.#deps.clock.monotonicMs();
      return void this.#listeners.set(listener, { lastEventId, sinceMs, isAhead: latest !== undefined });
    }
    const hasGap = missed.kind !== "known";
    this.#deps.meter.resumed(!hasGap);
    const events = hasGap ? [afterGap(latest)] : missed.events;
    const last = events.at(-1);
    const waits =
      last && this.spec.delivery.startsWithLatest && this.#late.add(listener, { hasGap, missed: last });
    return this.#replay(listener, waits ? events.slice(0, -1) : events);
  }

  /** Gives one listener what the others had before. */
  #replay(listener: Listener, events: readonly LiveEvent[]): void {
    this.#deps.meter.delivered(events.length);
    for (const event of events) listener.event(event);
  }

  detach(listener: Listener): void {
    this.#listeners.delete(listener);
    this.#late.remove(listener);
    this.#returning.remove(listener);
  }

  /**
   * Follows a new supergraph. A stream that would be asked the same stays open; another one is opened beside
   * it first and takes over with its first event.
   */
  replan(plan: TriggerPlan): void {
    if (this.#isClosed) return;
    const [first] = this.#listeners.keys();
    this.#upstreams.replan(plan, first?.traceparent);
  }

  /** Ends the subgraph's stream; listeners are not told. */
  close(): void {
    this.#isClosed = true;
    this.#upstreams.close();
    this.#arrivals.clear();
    this.#history.clear();
    this.#returning.clear();
  }

  #openings(plan: TriggerPlan): Upstreams {
    return new Upstreams(this.spec, plan, {
      place: this.#place,
      room: () => this.#arrivals.room(),
      event: (item) => {
        if ("event" in item) this.#arrived(item.event, item.position);
        else this.#lost(item.lostBefore);
      },
      away: (error) => this.#away(error),
      back: () => {
        this.#outage = undefined;
        void this.#work();
      },
      restarted: () => {
        this.#deps.log.info({ trigger: this.spec.id, subgraph: this.#plan.subgraph }, "subscribed again");
        this.#mayHaveMissed = true;
      },
      ended: () => {
        this.#isEnding = true;
        void this.#work();
      },
    });
  }

  #arrived(event: ExecutionResult, position: Position | undefined): void {
    if (position !== undefined && !this.#place.takes(position)) return;
    this.load.events += 1;
    this.#deps.meter.arrived(this.spec.field);
    const atMs = this.#deps.clock.monotonicMs();
    const text = JSON.stringify(event);
    const arrival = { event, text, plan: this.#plan, stream: this.#upstreams.count, position, atMs };
    if (this.#arrivals.add(arrival, this.spec.delivery)) this.#mayHaveMissed = true;
    void this.#work();
  }

  /** Tells everybody that the subgraph is away, and whoever comes until it is back. */
  #away(error: CodedError): void {
    const { subgraph } = this.#plan;
    const id = this.#history.latest?.id ?? this.#place.idIn(this.#plan);
    const event = this.#completion.outage(error, { subgraph, id });
    this.#outage = event;
    this.#owesGap = true;
    this.#deps.meter.upstreamOutage();
    this.#deps.meter.delivered(this.#listeners.size);
    for (const listener of this.#listeners.keys()) listener.event(this.#returning.own(listener, event));
    event.bytes.clear();
  }

  /** Completes what has arrived, one after the other, and then the state for those who came in between. */
  async #work(): Promise<void> {
    if (this.#isWorking) return;
    this.#isWorking = true;
    while (!this.#isClosed) {
      const next = this.#arrivals.take();
      const wanted = this.#outage ? undefined : this.#late.wanted;
      if (next) await this.#process(next);
      else if (wanted) await this.#catchUp(wanted);
      else break;
    }
    this.#isWorking = false;
    if (this.#isEnding && !this.#isClosed) this.#end();
  }

  /** The broker does not have what came before: whoever listens has missed it. */
  #lost(before: Position): void {
    this.#place.goOnBehind(before);
    this.#deps.meter.upstreamGap();
    const event = gapAt(this.#plan.source?.idOf(before) ?? "", this.#deps.clock.monotonicMs());
    this.#deps.meter.delivered(this.#listeners.size);
    for (const listener of this.#listeners.keys())
      if (!this.#returning.skips(listener, before)) listener.event(event);
    event.bytes.clear();
  }

  async #process({ event, text, plan, stream, position, atMs }: Arrival): Promise<void> {
    const { delivery, field, id: trigger } = this.spec;
    // Not when the stream began: what the former had brought by then may have waited.
    this.#history.comesFrom(stream);
    const { log, clock, meter, plugins } = this.#deps;
    const version = plan.takeVersion(event);
    const completed = await this.#completion.complete(plan, event, {
      what: "event",
      listeners: this.#listeners,
    });
    if (this.#isClosed) return;
    const { body, correlationId } = completed;
    const isState = position === undefined;
    const isKnown =
      isState && !this.#owesGap && !completed.hasErrors && this.#names.repeats(version, body, delivery);
    const isTold = () =>
      isState && this.#history.tellsAgain(version, version === undefined ? "" : completed.as(version).text);
    if (isKnown) this.#mayHaveMissed = false;
    if (isKnown) return this.#late.remember(event, { text, plan });
    if (!this.#owesGap && isTold()) return;
    const named = position === undefined ? undefined : plan.source?.idOf(position);
    const eventId = named ?? this.#names.next(version, body, this.#completion.sequence);
    this.#late.remember(event, { text, plan, id: eventId });
    this.#publish(completed.as(eventId), { isVersioned: version !== undefined, position });
    meter.delivered(this.#listeners.size);
    meter.published(clock.monotonicMs() - atMs);
    const told = { correlationId, eventId, listeners: this.#listeners.size };
    plugins.onEvent({ ...told, field, subgraph: plan.subgraph });
    log.debug({ ...told, trigger }, "event");
  }

  /** Completes the state as it is now for those who came late. */
  async #catchUp(state: State): Promise<void> {
    const event = JSON.parse(state.text) as ExecutionResult;
    state.plan.takeVersion(event);
    const plan = asksTheSame(state.plan, this.#plan) ? this.#plan : state.plan;
    const completed = await this.#completion.complete(plan, event, {
      what: "state",
      listeners: this.#listeners,
    });
    if (this.#isClosed) return;
    const isDoubtful = state.isDoubtful || this.#mayHaveMissed || this.#owesGap;
    this.#deps.meter.delivered(this.#late.deliver(completed.as(state.id), { isDoubtful }));
  }

  #publish(
    event: LiveEvent,
    { isVersioned, position }: { isVersioned: boolean; position: Position | undefined },
  ): void {
    this.#place.toldAt = position;
    const mayLack = this.#mayHaveMissed && !isVersioned && !this.spec.delivery.conflate;
    const missed = this.#owesGap || mayLack;
    this.#mayHaveMissed = false;
    this.#owesGap = false;
    const told = missed ? afterGap(event) : event;
    if (missed) this.#deps.meter.upstreamGap();
    this.#history.add(told);
    const areLate = this.#late.areThere;
    for (const [listener, joining] of this.#listeners) {
      if (position !== undefined && this.#returning.skips(listener, position)) continue;
      const { missed: before, hasGap } = areLate ? this.#late.overtake(listener) : NOT_LATE;
      if (before) this.#replay(listener, [before]);
      if (joining === undefined) listener.event(hasGap ? afterGap(told) : told);
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
