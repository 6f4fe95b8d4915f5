import { assert, integer, nat, property } from "fast-check";
import { Registry } from "prom-client";
import { describe, expect, test } from "vitest";
import { compareEventIds, isEventId } from "../../gateway/subscriptions/event-id.ts";
import { createKeptEvents } from "../../gateway/subscriptions/kept-events.ts";
import { History } from "../../gateway/subscriptions/history.ts";
import { afterGap, toLiveEvent } from "../../gateway/subscriptions/live-event.ts";

const eventOf = (id: string, size = 0) => toLiveEvent(`"${"x".repeat(size)}"`, { id, atMs: 0 });

/** Keeps events up to so many bytes, and counts how often it was too much. */
function keeping(mostBytes: number) {
  const metrics = new Registry();
  let exceeded = 0;
  const kept = createKeptEvents(mostBytes, { metrics, onExceeded: () => (exceeded += 1) });
  const bytes = async () =>
    (await metrics.getSingleMetric("gateway_kept_event_bytes")?.get())?.values[0]?.value;
  return { kept, bytes, exceeded: () => exceeded };
}

const historyOf = (...ids: string[]) => {
  const history = new History(keeping(1e9).kept);
  for (const id of ids) history.add(eventOf(id));
  return history;
};

const idsAfter = (history: History, id: string) => {
  const missed = history.after(id);
  return missed.kind === "known" ? missed.events.map((event) => event.id) : missed.kind;
};

describe("event ids", () => {
  test.each([
    ["1", "2", -1],
    ["9", "10", -1],
    ["12.9", "12.10", -1],
    ["12", "12.0", -1],
    ["18446744073709551616", "18446744073709551615", undefined],
    ["7", "7", 0],
    ["a:1", "a:2", undefined],
    ["a:1", "a:1", 0],
  ])("compare %s with %s", (a, b, order) => {
    expect(compareEventIds(a, b)).toBe(order);
  });

  test("are plain text of a bounded length", () => {
    expect(["1", "1.2", "a:1", "x".repeat(128)].every(isEventId)).toBe(true);
    expect(["", "a b", "a\nb", "x".repeat(129), "é", 1, null, undefined].some(isEventId)).toBe(false);
  });
});

describe("the history of a trigger", () => {
  test("answers exactly what followed an id of its own", () => {
    expect(idsAfter(historyOf("1", "2", "3"), "1")).toEqual(["2", "3"]);
    expect(idsAfter(historyOf("a:1", "a:2"), "a:2")).toEqual([]);
  });

  test("knows what a new stream tells again, until its first news", () => {
    const history = historyOf("1", "2", "3");
    const again = (id: string, size = 0) => history.tellsAgain(id, eventOf(id, size).text);
    expect(again("2")).toBe(false);
    history.comesFrom(1);
    expect([again("2"), again("3"), again("4"), again("3")]).toEqual([true, true, false, false]);
    history.comesFrom(2);
    expect(again("3", 5)).toBe(false);
  });

  test("knows where another replica's ordered id belongs", () => {
    expect(idsAfter(historyOf("1.5", "3.1", "4.0"), "2.9")).toEqual(["3.1", "4.0"]);
  });

  test("says when it cannot know, and when it is behind", () => {
    expect(idsAfter(historyOf("5", "6"), "3")).toBe("unknown");
    expect(idsAfter(historyOf("a:1"), "b:1")).toBe("unknown");
    expect(idsAfter(historyOf(), "1")).toBe("unknown");
    expect(idsAfter(historyOf("5", "6"), "9")).toBe("ahead");
  });

  test("never skips an event it answers for, whatever has been forgotten", () => {
    assert(
      property(integer({ min: 1, max: 600 }), nat(650), (count, last) => {
        const history = historyOf(...Array.from({ length: count }, (_, index) => String(index + 1)));
        const missed = history.after(String(last));
        const expected = {
          unknown: { kind: "unknown" },
          ahead: { kind: "ahead" },
          known: {
            kind: "known",
            events: Array.from({ length: Math.max(0, count - last) }, (_, at) => String(last + at + 1)),
          },
        };
        const forgotten = Math.max(0, count - 256);
        const kind = last > count ? "ahead" : last <= forgotten ? "unknown" : "known";
        const seen =
          missed.kind === "known" ? { ...missed, events: missed.events.map(({ id }) => id) } : missed;
        expect(seen).toEqual(expected[kind]);
      }),
    );
  });

  test("is bounded in size, but always has the latest", () => {
    const history = new History(keeping(1e9).kept);
    history.add(eventOf("1", 900_000));
    history.add(eventOf("2", 900_000));
    expect(history.after("1").kind).toBe("unknown");
    history.add(eventOf("3", 3_000_000));
    expect(history.latest?.id).toBe("3");
  });
});

describe("the histories of all triggers", () => {
  const SIZE = eventOf("1", 900).text.length;
  const three = (mostBytes: number) => {
    const { kept, ...rest } = keeping(mostBytes);
    const [one, two] = [new History(kept), new History(kept)];
    return { one, two, ...rest };
  };

  test("keep no more bytes than they may together: the oldest event goes, whose ever it is", async () => {
    const { one, two, bytes, exceeded } = three(3 * SIZE);
    one.add(eventOf("1", 900));
    two.add(eventOf("5", 900));
    one.add(eventOf("2", 900));
    expect([await bytes(), exceeded()]).toEqual([3 * SIZE, 0]);
    two.add(eventOf("6", 900));
    expect([await bytes(), exceeded()]).toEqual([3 * SIZE, 1]);
    expect(one.after("1").kind).toBe("unknown");
    expect(idsAfter(two, "5")).toEqual(["6"]);
    two.add(eventOf("7", 900));
    expect(idsAfter(two, "5")).toBe("unknown");
    expect(idsAfter(two, "6")).toEqual(["7"]);
  });

  test("count bytes, not characters", async () => {
    const { one, bytes } = three(1e6);
    const event = toLiveEvent('"\u{1f6a4}é"', { id: "1", atMs: 0 });
    one.add(event);
    expect(await bytes()).toBe(Buffer.byteLength(event.text));
  });

  test("forget even the latest when there is no room, and go on with the next", async () => {
    const { one, two, bytes } = three(2 * SIZE);
    one.add(eventOf("1", 900));
    two.add(eventOf("5", 3_000));
    expect([one.latest, two.latest, await bytes()]).toEqual([undefined, undefined, 0]);
    one.add(eventOf("2", 900));
    expect(one.latest?.id).toBe("2");
    expect(idsAfter(one, "1")).toBe("unknown");
  });

  test("give back everything when a trigger ends", async () => {
    const { one, two, bytes } = three(1e6);
    for (let id = 0; id < 300; id++) one.add(eventOf(`${id}`, 900));
    two.add(eventOf("5", 900));
    one.clear();
    expect(await bytes()).toBe(SIZE);
  });
});

describe("an event", () => {
  test("says its id last, and a gap beside it when there is one", () => {
    const event = toLiveEvent('{"a":1}', { id: "7", atMs: 0, extensions: { cost: 2 } });
    expect(event.text).toBe('{"data":{"a":1},"extensions":{"cost":2,"eventId":"7"}}');
    expect(JSON.parse(afterGap(event).text)).toEqual({
      data: { a: 1 },
      extensions: { cost: 2, eventId: "7", gap: true },
    });
  });
});
