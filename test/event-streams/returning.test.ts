import { expect, test } from "vitest";
import { positionAt } from "../../lib/broker/broker.ts";
import { waitFor } from "../../lib/wait.ts";
import type { EventSource, SourceEvent } from "../../gateway/event-streams/event-source.ts";
import { BrokerPlace } from "../../gateway/subscriptions/broker-place.ts";
import type { Listener } from "../../gateway/subscriptions/listener.ts";
import { toLiveEvent, type LiveEvent } from "../../gateway/subscriptions/live-event.ts";
import type { TriggerPlan } from "../../gateway/subscriptions/plan-trigger.ts";
import { Returning } from "../../gateway/subscriptions/returning.ts";

const TURNS = 40;
const position = (nth: number) => positionAt("k", nth);
const eventAt = (nth: number) => toLiveEvent(String(nth), { id: position(nth), atMs: 0 });

/** Somebody who comes back to what a broker has; events are told while they do. */
function startReturning() {
  let published = 1;
  let reads = 0;
  const source = {
    idOf: (at) => at,
    positionOf: (id) => id,
    read: async (after) => {
      reads += 1;
      const from = Number(after.split("/")[1]);
      const events = Array.from({ length: published - from }, (_, index): SourceEvent => {
        const nth = from + index + 1;
        return { event: { data: { nth } }, position: position(nth) };
      });
      return { events, end: events.at(-1)?.position, isLost: false };
    },
  } as Partial<EventSource> as EventSource;
  const place = new BrokerPlace();
  place.open(position(1));
  const returning = new Returning(
    { clock: { monotonicMs: () => 0 }, meter: { resumed: () => {}, delivered: () => {} } } as never,
    {
      plan: () => ({ source }) as TriggerPlan,
      place,
      conflate: false,
      complete: async ({ data }) => ({
        body: "",
        hasErrors: false,
        correlationId: "",
        as: () => eventAt(Number(data?.["nth"])),
      }),
    },
  );
  const publish = (listener: Listener) => {
    published += 1;
    place.toldAt = position(published);
    if (!returning.skips(listener, place.toldAt)) listener.event(eventAt(published));
  };
  return { returning, publish, reads: () => reads };
}

test.each(Array.from({ length: TURNS }, (_, turns) => turns))(
  "an event that is told %i turns after somebody came back reaches them once",
  async (turns) => {
    const heard: LiveEvent[] = [];
    const listener = { event: (event: LiveEvent) => heard.push(event) } as Partial<Listener> as Listener;
    const { returning, publish } = startReturning();
    returning.add(listener, position(1));
    for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
    publish(listener);
    await waitFor(() => heard.length > 0, { timeoutMs: 1_000 });
    publish(listener);
    await waitFor(() => heard.length > 1, { timeoutMs: 1_000 });
    expect(heard.map(({ id }) => id)).toEqual([position(2), position(3)]);
  },
);

test("a thousand who were cut off at the same event read once what they missed, and once that it was all", async () => {
  const { returning, publish, reads } = startReturning();
  publish({ event: () => {} } as Partial<Listener> as Listener);
  const heard: string[] = [];
  for (let each = 0; each < 1_000; each += 1)
    returning.add(
      { event: ({ id }: LiveEvent) => heard.push(id) } as Partial<Listener> as Listener,
      position(1),
    );
  await waitFor(() => heard.length === 1_000);
  expect(new Set(heard)).toEqual(new Set([position(2)]));
  await waitFor(() => reads() === 2);
});
