import { expect, onTestFinished, test } from "vitest";
import { brokerAway, positionAt, type Position } from "../../lib/broker/broker.ts";
import { waitFor } from "../../lib/wait.ts";
import type { EventSource, SourceItem } from "../../gateway/event-streams/event-source.ts";
import { BrokerPlace } from "../../gateway/subscriptions/broker-place.ts";
import type { TriggerSpec } from "../../gateway/subscriptions/trigger-spec.ts";
import { Upstreams } from "../../gateway/subscriptions/upstreams.ts";
import type { UpstreamItem } from "../../gateway/subscriptions/upstream.ts";

test("a stream that breaks before its first event goes on where it was opened, not where it is opened again", async () => {
  const followed: (Position | undefined)[] = [];
  const follow: EventSource["follow"] = (after, onOpen) => {
    followed.push(after);
    const isFirst = followed.length === 1;
    return (async function* (): AsyncGenerator<SourceItem> {
      onOpen(positionAt("k", isFirst ? 7 : 9));
      if (isFirst) throw brokerAway();
      yield { event: { data: {} }, position: positionAt("k", 8) };
      await new Promise(() => {});
    })();
  };
  const items: UpstreamItem[] = [];
  const upstreams = new Upstreams(
    { identity: {}, id: "t" } as Partial<TriggerSpec> as TriggerSpec,
    { source: { key: "s", follow }, request: { query: "subscription { s }" } } as never,
    {
      place: new BrokerPlace(),
      room: () => undefined,
      event: (item) => items.push(item),
      away: () => {},
      back: () => {},
      restarted: () => {},
      ended: () => {},
    },
  );
  onTestFinished(() => upstreams.close());
  upstreams.begin(undefined, { isNew: true });
  await waitFor(() => items.length > 0);
  expect(followed).toEqual([undefined, positionAt("k", 7)]);
});
