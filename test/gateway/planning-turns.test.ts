import { once } from "node:events";
import { connect } from "node:net";
import { setImmediate as turnOfLoop } from "node:timers/promises";
import { array, assert, asyncProperty, constantFrom } from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { createFairTurns } from "../../lib/fair-turns.ts";
import { CodedError } from "../../lib/errors.ts";
import { waitFor } from "../../lib/wait.ts";
import { rawClient } from "../subscriptions/support/raw-client.ts";
import { startGateway } from "./support/start-gateway.ts";

const refuse = () => new CodedError("RATE_LIMITED", "too many");

describe("callers that take turns", () => {
  test("wait for one piece of work of each other caller at most, however many pieces one has", async () => {
    const turns = createFairTurns({ atOnce: 1, mostWaiting: 10_000, refuse });
    const done: string[] = [];
    const flood = Array.from({ length: 1_000 }, (_, index) =>
      turns.take("flood", () => void done.push(`flood ${index}`)),
    );
    await turns.take("other", () => void done.push("other"));
    expect(done.indexOf("other")).toBeLessThanOrEqual(2);
    await Promise.all(flood);
    expect(done).toHaveLength(1_001);
  });

  test("leave the event loop to others between two turns", async () => {
    const turns = createFairTurns({ atOnce: 1, mostWaiting: 10_000, refuse });
    const done: number[] = [];
    const flood = Array.from({ length: 50 }, (_, index) => turns.take("flood", () => void done.push(index)));
    const seen: number[] = [];
    while (done.length < 50) {
      seen.push(done.length);
      await turnOfLoop();
    }
    await Promise.all(flood);
    expect(seen.length).toBeGreaterThan(25);
  });

  test("leave as much time to others as their own work took, where it is done on the event loop", async () => {
    const turns = createFairTurns({ atOnce: 1, mostWaiting: 100, refuse, rests: true });
    const ended: number[] = [];
    const work = () => {
      for (const untilMs = performance.now() + 4; performance.now() < untilMs;);
      ended.push(performance.now());
    };
    await Promise.all(Array.from({ length: 10 }, () => turns.take("flood", work)));
    const gapsMs = ended.slice(1).map((endedMs, index) => endedMs - (ended[index] ?? 0));
    // A timer may come a millisecond early.
    for (const gapMs of gapsMs) expect(gapMs).toBeGreaterThanOrEqual(4 + 4 - 1);
  });

  test("do no more at once than may be, and everything in the order of each caller", async () => {
    await assert(
      asyncProperty(array(constantFrom("a", "b", "c"), { maxLength: 60 }), async (keys) => {
        const turns = createFairTurns({ atOnce: 2, mostWaiting: 100, refuse });
        const begun: string[] = [];
        let [running, most] = [0, 0];
        await Promise.all(
          keys.map((key, index) =>
            turns.take(key, async () => {
              begun.push(`${key}${String(index).padStart(3, "0")}`);
              running += 1;
              most = Math.max(most, running);
              await turnOfLoop();
              running -= 1;
            }),
          ),
        );
        expect(most).toBeLessThanOrEqual(2);
        for (const key of ["a", "b", "c"]) {
          const own = begun.filter((name) => name.startsWith(key));
          expect(own).toEqual(own.toSorted());
        }
        expect(begun).toHaveLength(keys.length);
        expect(turns.waiting()).toBe(0);
      }),
      { numRuns: 50 },
    );
  });

  test("are refused when too much of theirs waits, and hear of work that fails", async () => {
    const turns = createFairTurns({ atOnce: 1, mostWaiting: 1, refuse });
    const first = turns.take("a", () => turnOfLoop());
    const broken = () => Promise.reject(new Error("broken"));
    const second = turns.take("a", broken);
    second.catch(() => {});
    await expect(turns.take("a", () => 1)).rejects.toThrow("too many");
    expect(await turns.take("b", () => 2)).toBe(2);
    await first;
    await expect(second).rejects.toThrow("broken");
  });

  test("do not refuse what the gateway itself has to plan, however much of it waits", async () => {
    const turns = createFairTurns({ atOnce: 1, mostWaiting: 1, refuse });
    const own = Array.from({ length: 100 }, (_, index) => turns.take(undefined, () => index));
    expect(await Promise.all(own)).toEqual(Array.from({ length: 100 }, (_, index) => index));
  });
});

describe("a client that leaves while its new document waits for a turn", () => {
  test("leaves no stream behind that nobody closes", async () => {
    const gateway = await startGateway({ SUBSCRIPTION_LINGER_SECONDS: "1" });
    onTestFinished(() => gateway.close());
    const { port } = new URL(gateway.url);
    const subscribe = async (nth: number) => {
      const socket = connect(Number(port), "127.0.0.1");
      await once(socket, "connect");
      const body = JSON.stringify({ query: `subscription Leaves${nth} { boatMoved(id: "b1") { miles } }` });
      const head = `POST /graphql HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\ncontent-type: application/json`;
      socket.write(`${head}\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
      return socket;
    };
    const sockets = await Promise.all(Array.from({ length: 40 }, (_, nth) => subscribe(nth)));
    const metric = async (name: string) => {
      const text = await (await fetch(`${gateway.url}/metrics`)).text();
      return Number(new RegExp(`^${name} (\\d+)`, "m").exec(text)?.[1] ?? Number.NaN);
    };
    // The gateway runs here, too: it has got them all by then, and looked at few.
    for (let turn = 0; turn < 20; turn++) await turnOfLoop();
    for (const socket of sockets) socket.destroy();
    await waitFor(async () => (await metric("gateway_documents_waiting")) === 0);
    const what = "all streams to be closed";
    await waitFor(async () => (await metric("gateway_subscription_triggers")) === 0, { what });
    expect(await metric("gateway_subscriptions_active")).toBe(0);
  });
});

describe("new documents over WebSocket", () => {
  test("wait in turns as they do over HTTP, and are refused by the same limit", async () => {
    const gateway = await startGateway({ PLANNING_MAX_WAITING: "1" });
    onTestFinished(() => gateway.close());
    const url = `${gateway.url.replace("http", "ws")}/graphql`;
    const clients = await Promise.all(Array.from({ length: 20 }, () => rawClient(url)));
    for (const [index, client] of clients.entries())
      client.send({ type: "subscribe", id: "1", payload: { query: `{ new${index}: __typename }` } });
    // The gateway runs here, too: while nothing else does, all of them arrive.
    for (const until = performance.now() + 200; performance.now() < until;);
    const isEnd = ({ type }: { type: string }) => type === "complete" || type === "error";
    const ends = await Promise.all(
      clients.map(({ messages }) => waitFor(() => messages.find(isEnd), { what: "an end" })),
    );
    const refused = ends.filter(({ type }) => type === "error");
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThan(clients.length);
    for (const { payload } of refused)
      expect(payload).toMatchObject([{ extensions: { code: "RATE_LIMITED", limit: "planning" } }]);
  });
});
