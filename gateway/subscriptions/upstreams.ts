import type { ExecutionResult } from "graphql";
import type { Caller } from "../../lib/graphql-endpoint.ts";
import { mapStream, streamOf as streamOfNothing } from "../../lib/streams.ts";
import type { BrokerPlace } from "./broker-place.ts";
import { asksTheSame, type TriggerPlan } from "./plan-trigger.ts";
import type { TriggerSpec } from "./trigger-spec.ts";
import { refusalOf, unlessRefused } from "./refusal.ts";
import {
  openUpstream,
  type OpenStream,
  type Upstream,
  type UpstreamItem,
  type UpstreamListener,
} from "./upstream.ts";

interface UpstreamsOptions extends Omit<UpstreamListener, "opened" | "ready"> {
  place: BrokerPlace;
  /** Resolves when there is room for more events; undefined when there is. */
  room(): Promise<void> | undefined;
}

/** The stream of a trigger, and the one that takes over from it when the supergraph changes. */
export class Upstreams {
  readonly #spec: TriggerSpec;
  readonly #on: UpstreamsOptions;
  #plan: TriggerPlan;
  #current: Upstream | undefined;
  #successor: Upstream | undefined;
  #count = 0;

  constructor(spec: TriggerSpec, plan: TriggerPlan, on: UpstreamsOptions) {
    this.#spec = spec;
    this.#plan = plan;
    this.#on = on;
  }

  /** By which events are completed now. */
  get plan(): TriggerPlan {
    return this.#plan;
  }

  /** The number of the stream that events come from. */
  get count(): number {
    return this.#count;
  }

  /** The first to come opens the stream, as a part of its trace. What comes back to one has been taken once. */
  begin(traceparent: string | undefined, { isNew }: { isNew: boolean }): void {
    this.#current ??= this.#open(this.#plan, traceparent, { isNew });
  }

  /** A stream that would be asked the same stays open; another one takes over with its first event. */
  replan(plan: TriggerPlan, traceparent: string | undefined): void {
    this.#successor?.close();
    this.#successor = undefined;
    if (asksTheSame(plan, this.#plan)) this.#plan = plan;
    else this.#successor = this.#open(plan, traceparent, { isNew: false });
  }

  close(): void {
    this.#current?.close();
    this.#successor?.close();
  }

  #open(plan: TriggerPlan, traceparent: string | undefined, { isNew }: { isNew: boolean }): Upstream {
    const { identity, clientHeaders, id: correlationId } = this.#spec;
    const caller: Caller = { identity, clientHeaders, correlationId, traceparent };
    const on = this.#on;
    const takeOver = () => {
      if (upstream !== this.#successor) return;
      this.#current?.close();
      this.#current = upstream;
      this.#successor = undefined;
      this.#plan = plan;
      this.#count += 1;
    };
    const upstream: Upstream = openUpstream(streamOf(plan, caller, { place: on.place, isNew }), {
      event: (item) => {
        takeOver();
        on.event(item);
      },
      opened: (from) => on.place.open(from),
      ready: () => (plan.source ? on.room() : undefined),
      // Until a successor takes over the stream that was there before does.
      away: (error) => {
        if (upstream !== this.#successor) on.away(error);
      },
      back: () => on.back(),
      restarted: () => {
        // A broker has what came in between.
        if (plan.source) return;
        this.#count += 1;
        on.restarted();
      },
      ended: () => {
        takeOver();
        on.ended();
      },
    });
    return upstream;
  }
}

/** The stream that a plan asks for: of a broker from where it was left, of a subgraph anew. */
function streamOf(
  { source, endpoint, request }: TriggerPlan,
  caller: Caller,
  { place, isNew }: { place: BrokerPlace; isNew: boolean },
): OpenStream {
  const asked = { ...request, caller };
  const toEvent = (event: ExecutionResult): UpstreamItem => ({ event });
  if (!source)
    return (onOpen) =>
      mapStream<ExecutionResult, UpstreamItem>(
        endpoint?.subscribe(asked, () => onOpen()) ?? streamOfNothing(),
        toEvent,
      );
  let isTaken = !isNew;
  const onTaken = () => {
    isTaken = true;
  };
  return (onOpen) => {
    const events: AsyncIterableIterator<UpstreamItem> = source.follow(place.at, onOpen);
    if (isTaken || !endpoint) return events;
    return unlessRefused(
      events,
      mapStream<ExecutionResult, UpstreamItem>(refusalOf(endpoint, asked, onTaken), toEvent),
    );
  };
}
