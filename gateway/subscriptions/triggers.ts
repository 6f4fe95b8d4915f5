import type { GraphQLError } from "graphql";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { TellErrors } from "../errors/errors.ts";
import type { Operation } from "../execution/engine.ts";
import type { Plugins } from "../extensions/plugins.ts";
import type { Generations } from "../generations/generations.ts";
import type { Tracing } from "../tracing/tracing.ts";
import type { Delivery, DeliverySettings } from "./delivery.ts";
import type { SubscriptionMeter } from "./metrics.ts";
import { planTrigger } from "./plan-trigger.ts";
import { stillHolds } from "./reload.ts";
import { createTriggerKeys, type Asker, type TriggerKey } from "./trigger-key.ts";
import type { KeptEvents } from "./kept-events.ts";
import type { Listener } from "./listener.ts";
import { Trigger } from "./trigger.ts";

export interface TriggersOptions {
  generations: Generations;
  delivery: DeliverySettings;
  /** Some rule tells subgraphs who the caller is: nothing is shared between subjects then. */
  tellSubject: boolean;
  /** How long a trigger waits for clients that were cut off, in milliseconds. */
  lingerMs: number;
  clock: Clock;
  tell: TellErrors;
  kept: KeptEvents;
  log: Log;
  meter: SubscriptionMeter;
  tracing: Tracing;
  plugins: Pick<Plugins, "refusalOf" | "onEvent">;
  newId: () => string;
}

/** A listener's place at a trigger. */
export interface Attachment {
  /** Equal keys share a trigger. */
  readonly key: string;
  /** The root field. */
  readonly field: string;
  readonly delivery: Delivery;
  /** Equal to those of all who share the trigger. */
  readonly operation: Operation;
  /** Begins to listen, after the event that `lastEventId` names if that is given. */
  listen(listener: Listener, lastEventId: string | undefined): void;
  /** `mayResume` keeps the trigger alive for a while when this was its last listener. */
  leave(listener: Listener, options: { mayResume: boolean }): void;
}

/** A stream of a subgraph with those who share it. */
export interface SharedStream {
  /** The operation's name; empty when it has none. */
  name: string;
  /** Its root field. */
  field: string;
  listeners: number;
  /** That have come of the subgraph. */
  events: number;
  since: Date;
}

/** A trigger, and everybody's place at it: there may be very many of them, so they are one object. */
interface Held extends Attachment {
  trigger: Trigger;
  /** Listeners that were cut off and have not come back. */
  awaited: number;
  /** Until when somebody who was cut off may come back, in monotonic milliseconds. */
  heldUntilMs: number;
}

/** Most triggers that are kept only for listeners who were cut off. */
const LINGERING_LIMIT = 1_000;

/** The triggers of a gateway: one per operation, variables and claims. */
export class Triggers {
  readonly #options: TriggersOptions;
  readonly #keyOf: ReturnType<typeof createTriggerKeys>;
  readonly #held = new Map<string, Held>();
  readonly #stopFollowing: () => void;
  #lingering = 0;

  constructor(options: TriggersOptions) {
    this.#options = options;
    this.#keyOf = createTriggerKeys({ ...options.delivery, tellSubject: options.tellSubject });
    this.#stopFollowing = options.generations.onChange(() => this.#follow());
  }

  get size(): number {
    return this.#held.size;
  }

  /** What streams, most listened to first. */
  list(): SharedStream[] {
    return [...this.#held.values()]
      .map(({ trigger: { spec, listeners, load } }) => ({
        name: spec.operation.definition.name?.value ?? "",
        field: spec.field,
        listeners: listeners.length,
        ...load,
      }))
      .toSorted((a, b) => b.listeners - a.listeners);
  }

  /** The key that `join` would give. */
  keyOf(operation: Operation, asking: Asker): string {
    return this.#describe(operation, asking).key;
  }

  /** Finds or makes the trigger; what is wrong with the operation comes back as errors. */
  join(operation: Operation, asking: Asker): Attachment | readonly GraphQLError[] {
    const refused = this.#options.plugins.refusalOf(operation, asking);
    if (refused) return [refused];
    const described = this.#describe(operation, asking);
    return this.#held.get(described.key) ?? this.#make(described, operation);
  }

  /** Lets go of triggers that nobody came back to. */
  sweep(nowMs: number): void {
    this.#lingering = 0;
    for (const [key, held] of this.#held) {
      if (held.heldUntilMs <= nowMs) held.awaited = 0;
      if (held.trigger.isWatched) continue;
      if (held.awaited === 0) this.#end(key);
      else this.#lingering += 1;
    }
  }

  close(): void {
    this.#stopFollowing();
    for (const key of this.#held.keys()) this.#end(key);
  }

  #describe(operation: Operation, asking: Asker): TriggerKey {
    return this.#keyOf(operation, asking, this.#options.generations.current().supergraph);
  }

  #make({ key, ...spec }: TriggerKey, operation: Operation): Held | readonly GraphQLError[] {
    const { generations, meter, newId } = this.#options;
    const plan = planTrigger(generations.current(), operation, spec.identity);
    if (!("endpoint" in plan)) return plan;
    const trigger = new Trigger({ ...spec, operation, id: newId() }, plan, {
      ...this.#options,
      onEnd: () => {
        if (this.#held.get(key) === held) this.#end(key);
      },
    });
    const held: Held = {
      key,
      field: spec.field,
      delivery: spec.delivery,
      operation,
      trigger,
      awaited: 0,
      heldUntilMs: 0,
      listen: (listener, lastEventId) => {
        if (lastEventId !== undefined && held.awaited > 0) held.awaited -= 1;
        trigger.attach(listener, lastEventId);
      },
      leave: (listener, { mayResume }) => {
        trigger.detach(listener);
        if (this.#held.get(key) === held) this.#left(key, held, mayResume);
      },
    };
    this.#held.set(key, held);
    meter.triggers(this.#held.size);
    return held;
  }

  #left(key: string, held: Held, mayResume: boolean): void {
    const nowMs = this.#options.clock.monotonicMs();
    if (mayResume && held.trigger.canBeResumed) {
      held.awaited += 1;
      held.heldUntilMs = nowMs + this.#options.lingerMs;
    }
    if (held.trigger.isWatched) return;
    const isAwaited = held.awaited > 0 && held.heldUntilMs > nowMs;
    if (isAwaited && this.#lingering < LINGERING_LIMIT) this.#lingering += 1;
    else this.#end(key);
  }

  /** Moves every trigger to the supergraph that is now in force. */
  #follow(): void {
    for (const [key, held] of this.#held)
      this.#move(key, held).catch((err: unknown) =>
        this.#options.log.error({ err }, "a subscription could not be moved to the new supergraph"),
      );
  }

  async #move(key: string, held: Held): Promise<void> {
    const holds = await stillHolds(held.trigger, this.#options.generations);
    if (!holds && this.#held.get(key) === held) this.#end(key);
  }

  #end(key: string): void {
    this.#held.get(key)?.trigger.close();
    this.#held.delete(key);
    this.#options.meter.triggers(this.#held.size);
  }
}
