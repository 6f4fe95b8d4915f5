import { array, assert, constantFrom, property } from "fast-check";
import { describe, expect, test, vi } from "vitest";
import type { Delivery } from "../../gateway/subscriptions/delivery.ts";
import type { LiveEvent } from "../../gateway/subscriptions/live-event.ts";
import {
  LANE_LIMIT_BYTES,
  Outbox,
  type Lane,
  type OutboxEvents,
} from "../../gateway/subscriptions/outbox.ts";
import { waitFor } from "../../lib/wait.ts";
import { openStream } from "./support/http-stream.ts";
import { rawClient, subscribe, type RawClient } from "./support/raw-client.ts";
import { startTickerGateway, type TickerGateway } from "./support/start.ts";

const eventOf = (number: number): LiveEvent => ({ id: `${number}`, text: "", atMs: 0, bytes: new Map() });
const delivery = (conflate: boolean, queueLimit = 256): Delivery => ({
  conflate,
  queueLimit,
  startsWithLatest: true,
  perSubject: false,
});

const on = (changes: Partial<OutboxEvents> = {}): OutboxEvents => ({
  conflated: () => {},
  overflowed: () => {},
  mayWrite: () => true,
  ...changes,
});

function lane() {
  const written: number[] = [];
  const drains: (() => void)[] = [];
  const state = { bufferedBytes: 0, heldBytes: 0, overflows: 0 };
  const lane: Lane = {
    get bufferedBytes() {
      return state.bufferedBytes;
    },
    write: ({ id }) => written.push(Number(id)),
    whenDrained: (callback) => drains.push(callback),
    hold: (bytes) => (state.heldBytes += bytes),
    overflow: () => (state.overflows += 1),
  };
  const stall = () => (state.bufferedBytes = LANE_LIMIT_BYTES + 1);
  const drain = () => {
    state.bufferedBytes = 0;
    for (const callback of drains.splice(0)) callback();
  };
  return { lane, written, state, stall, drain };
}

describe("the outbox of a slow client", () => {
  test("keeps the order and loses nothing while it queues, however the client stalls", () => {
    assert(
      property(array(constantFrom("put", "stall", "drain")), (steps) => {
        const { lane: target, written, stall, drain } = lane();
        const outbox = new Outbox({ lane: target, delivery: delivery(false) }, on());
        let count = 0;
        for (const step of steps) {
          if (step === "put") outbox.put(eventOf(count++));
          else if (step === "stall") stall();
          else drain();
        }
        drain();
        expect(written).toEqual(Array.from({ length: count }, (_, index) => index));
      }),
    );
  });

  test("ends with the latest while it conflates, never goes back, and counts what it left out", () => {
    assert(
      property(array(constantFrom("put", "stall", "drain")), (steps) => {
        const { lane: target, written, stall, drain } = lane();
        let conflated = 0;
        const outbox = new Outbox(
          { lane: target, delivery: delivery(true) },
          on({ conflated: () => (conflated += 1) }),
        );
        let count = 0;
        for (const step of steps) {
          if (step === "put") outbox.put(eventOf(count++));
          else if (step === "stall") stall();
          else drain();
        }
        drain();
        expect(written).toEqual([...written].sort((a, b) => a - b));
        expect(written.at(-1)).toBe(count === 0 ? undefined : count - 1);
        expect(written.length + conflated).toBe(count);
      }),
    );
  });

  test("gives up beyond its limit, once, and holds nothing after that", () => {
    const { lane: target, written, state, stall, drain } = lane();
    const overflowed = vi.fn<() => void>();
    const outbox = new Outbox({ lane: target, delivery: delivery(false, 3) }, on({ overflowed }));
    stall();
    for (let number = 0; number < 4; number++) outbox.put(eventOf(number));
    expect(state.overflows).toBe(1);
    expect(overflowed).toHaveBeenCalledOnce();
    drain();
    expect(written).toEqual([]);
  });

  test("keeps what waits from a client that may no longer have it", () => {
    const { lane: target, written, stall, drain } = lane();
    const outbox = new Outbox({ lane: target, delivery: delivery(false) }, on({ mayWrite: () => false }));
    outbox.put(eventOf(1));
    stall();
    outbox.put(eventOf(2));
    drain();
    expect(written).toEqual([1]);
    expect(outbox.lastWrittenId).toBe("1");
  });

  test("finishes after everything that waits", () => {
    const { lane: target, written, stall, drain } = lane();
    const outbox = new Outbox({ lane: target, delivery: delivery(false) }, on());
    const finished: number[] = [];
    stall();
    outbox.put(eventOf(1));
    outbox.finish(() => finished.push(...written));
    expect(finished).toEqual([]);
    drain();
    expect(finished).toEqual([1]);
  });
});

/** More events than a slow client is kept, no faster than the quick one takes them. */
async function flood({ graph }: TickerGateway, quick: RawClient): Promise<void> {
  const total = 300;
  for (let count = 0; count < total; count++) {
    graph.emit("s");
    if (count % 20 === 0) await waitFor(() => quick.events("1").length > count);
  }
  await waitFor(() => quick.events("1").length === total + 1);
}

describe("a client that stops reading", () => {
  const big = (field: string) => `subscription { ${field}(topic: "s", size: 50000) { number padding } }`;

  test("G7: is sent away when events wait beyond the limit, and others notice nothing", async () => {
    const gateway = await startTickerGateway({ env: { SUBSCRIPTION_QUEUE_LIMIT: "5" } });
    const [slow, quick] = [await rawClient(gateway.socketUrl), await rawClient(gateway.socketUrl)];
    for (const client of [slow, quick]) {
      client.send(subscribe("1", big("tick")));
      await client.next("next", "1");
    }
    slow.socket.pause();
    await flood(gateway, quick);
    expect(await gateway.metric("gateway_subscription_ends_total", "slow")).toBe(1);
    slow.socket.resume();
    expect(await slow.closed()).toEqual({
      code: 1013,
      reason: "Too slow: events were not taken in time (subscriptionQueue)",
    });
  });

  test.each(["text/event-stream", "multipart/mixed;subscriptionSpec=1.0"])(
    "G7, G21: is cut off over HTTP at the same limit: %s",
    async (accept) => {
      const gateway = await startTickerGateway({ env: { SUBSCRIPTION_QUEUE_LIMIT: "5" } });
      const quick = await rawClient(gateway.socketUrl);
      quick.send(subscribe("1", big("tick")));
      await quick.next("next", "1");
      const slow = await openStream(`${gateway.url}/graphql`, { accept, body: { query: big("tick") } });
      slow.pause();
      await flood(gateway, quick);
      expect(await gateway.metric("gateway_subscription_ends_total", "slow")).toBe(1);
      slow.resume();
      await waitFor(() => slow.isEnded());
      expect(slow.text()).not.toContain("complete");
    },
  );

  test("gets the latest value only, where that is all that matters", async () => {
    const gateway = await startTickerGateway({ env: { SUBSCRIPTION_CONFLATED_FIELDS: "tick" } });
    const client = await rawClient(gateway.socketUrl);
    client.send(subscribe("1", big("tick")));
    await client.next("next", "1");
    client.socket.pause();
    for (let count = 0; count < 400; count++) {
      const number = gateway.graph.emit("s");
      await waitFor(async () => (await delivered(gateway)) >= number + 1);
    }
    expect(await gateway.metric("gateway_subscription_conflated_total")).toBeGreaterThan(100);
    client.socket.resume();
    const numbers = () =>
      client.events("1").map(({ data }) => (data as { tick: { number: number } }).tick.number);
    await waitFor(() => numbers().at(-1) === 400);
    expect(numbers()).toEqual([...new Set(numbers())].sort((a, b) => a - b));
  });
});

const delivered = (gateway: { metric(name: string): Promise<number> }) =>
  gateway.metric("gateway_subscription_events_out_total");
