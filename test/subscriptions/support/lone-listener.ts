import { parse, type GraphQLError } from "graphql";
import { createTellErrors } from "../../../gateway/errors/errors.ts";
import type { Generations } from "../../../gateway/generations/generations.ts";
import type { Limits } from "../../../gateway/limits/limits.ts";
import { deliveryOf } from "../../../gateway/subscriptions/delivery.ts";
import { toLiveEvent } from "../../../gateway/subscriptions/live-event.ts";
import { Refused } from "../../../gateway/operation/refused.ts";
import { createRoad } from "../../../gateway/operation/road.ts";
import type { Sink } from "../../../gateway/operation/running.ts";
import type { Permits } from "../../../gateway/operation/permits.ts";
import { createQuota } from "../../../gateway/limits/quotas.ts";
import { openSession } from "../../../gateway/operation/session.ts";
import type { Listener } from "../../../gateway/subscriptions/listener.ts";
import type { Triggers } from "../../../gateway/subscriptions/triggers.ts";
import { loadSupergraph } from "../../../gateway/supergraph/supergraph.ts";
import { createTracing } from "../../../gateway/tracing/tracing.ts";
import type { Clock } from "../../../lib/clock.ts";
import { anonymous } from "../../../lib/identity.ts";
import { quietLog } from "../../support/quiet-log.ts";
import { createTickerGraph } from "./ticker-graph.ts";

/** Time that a test can move. */
export function movableClock(): Clock & { aheadMs: number } {
  const clock = {
    aheadMs: 0,
    now: () => new Date(Date.now() + clock.aheadMs),
    monotonicMs: () => performance.now() + clock.aheadMs,
  };
  return clock;
}

/** One subscription on a trigger and permits that the test plays. */
export function loneListener() {
  const supergraph = loadSupergraph(createTickerGraph().sdl, new Date());
  const permits = { epoch: 1, isRevoked: () => false, refusals: (): GraphQLError[] => [] };
  const asked: number[] = [];
  const clock = movableClock();
  const said: string[] = [];
  const drains: (() => void)[] = [];
  const lane = { bufferedBytes: 0 };
  const sink: Sink = {
    get bufferedBytes() {
      return lane.bufferedBytes;
    },
    write: ({ id }) => said.push(id),
    whenDrained: (callback) => drains.push(callback),
    hold: () => {},
    overflow: () => said.push("overflow"),
    result: () => {},
    fail: (errors) => said.push(errors.map(({ message }) => message).join()),
    complete: () => said.push("complete"),
  };
  const listeners = new Set<Listener>();
  const attachment = {
    key: "",
    field: "tick",
    operation: {},
    delivery: deliveryOf("tick", {
      conflatedFields: [],
      eventFields: [],
      perSubjectFields: [],
      queueLimit: 9,
    }),
    listen: (listener: Listener) => listeners.add(listener),
    leave: (listener: Listener) => listeners.delete(listener),
  };
  const counted: Permits = {
    get epoch() {
      return permits.epoch;
    },
    isRevoked: () => permits.isRevoked(),
    refusals: () => {
      asked.push(permits.epoch);
      return permits.refusals();
    },
  };
  const session = openSession(
    { ...anonymous([]), subject: "ada", expiresAtSeconds: Date.now() / 1000 + 60 },
    { authorization: "", address: "", clock, clientHeaders: undefined },
  );
  const trust = { textOf: ({ query }: { query: string }) => query, admit: () => true, register: () => {} };
  const road = createRoad({
    generations: { current: () => ({ supergraph }), onChange: () => {} } as unknown as Generations,
    triggers: { join: () => attachment } as unknown as Triggers,
    limits: { trust, document: (text: string) => parse(text), cost: () => undefined } as unknown as Limits,
    meter: new Proxy({} as never, { get: () => () => {} }),
    operations: { record: () => {} },
    turns: { wait: async () => {} },
    quota: createQuota({ each: { limit: "subscriptionsPerIdentity", most: 1 } }),
    tracing: createTracing(),
    hidesSchema: false,
    requireToken: false,
    permits: counted,
    tell: createTellErrors({ log: quietLog }),
    log: quietLog,
    clock,
  });
  const request = road.read({ query: `subscription { tick(topic: "s") { number } }` });
  if (request instanceof Refused) throw new Error("not read");
  const opened = road.open(request, { identity: session.identity, isReadOnly: false, mayStream: true });
  if (opened instanceof Refused) throw new Error("not opened");
  const details = { correlationId: "c", traceparent: undefined, lastEventId: undefined, mayResume: false };
  const running = road.start(opened, { details, session, sink });
  const [listener] = listeners;
  if (!running || !listener) throw new Error("nothing listens");
  const emit = (id: string) => listener.event(toLiveEvent("{}", { id, atMs: clock.monotonicMs() }));
  const drain = () => {
    lane.bufferedBytes = 0;
    for (const callback of drains.splice(0)) callback();
  };
  return { permits, asked, clock, said, listeners, listener, running, lane, emit, drain };
}
