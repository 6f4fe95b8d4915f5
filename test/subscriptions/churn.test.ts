import { describe, expect, test } from "vitest";
import { depth } from "../support/depth.ts";
import { waitFor } from "../../lib/wait.ts";
import { rawClient, subscribe, type RawClient } from "./support/raw-client.ts";
import { startTickerGateway, type TickerGateway } from "./support/start.ts";

const CHURNS = depth(2_000, 10_000);
const PER_SOCKET = 50;

/** One client's life: open some, end some, come back to some, leave in one of three ways. Returns how many told it something. */
async function live(gateway: TickerGateway, round: number): Promise<number> {
  const client: RawClient = await rawClient(gateway.socketUrl);
  for (let index = 0; index < PER_SOCKET; index++) {
    const topic = `t${(round + index) % 7}`;
    const field = ["tick", "gauge", "plain", "breaks", "secret", "nowhere"][index % 6] ?? "tick";
    const root = field === "breaks" || field === "secret" ? field : `${field}(topic: "${topic}")`;
    const extensions = index % 3 === 0 ? { extensions: { lastEventId: "0" } } : {};
    client.send(subscribe(`${index}`, `subscription { ${root} { number } }`, extensions));
    if (index % 2 === 0) client.send({ id: `${index}`, type: "complete" });
    if (index % 25 === 0) gateway.graph.emit(topic);
  }
  // Every other client leaves before most of its subscriptions have had their turn to begin.
  if (round % 2 === 0) await waitFor(() => client.messages.some(({ type }) => type === "next"));
  if (round % 3 === 0) client.socket.terminate();
  else if (round % 3 === 1) client.socket.close();
  else {
    await waitFor(() => client.messages.length > PER_SOCKET / 4);
    client.send({ type: "complete" });
    await client.closed();
  }
  const begun = client.messages.filter(({ type }) => type === "next").map(({ id }) => id);
  return new Set(begun).size;
}

describe("thousands of subscriptions that come and go in any order", () => {
  test("G9: leave no trigger, no stream of a subgraph, no socket and no timer behind", async () => {
    const gateway = await startTickerGateway({ env: { SUBSCRIPTION_LINGER_SECONDS: "0" } });
    const before = process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
    let begun = 0;
    for (let round = 0; round < CHURNS / PER_SOCKET; round += 20) {
      const lives = Array.from({ length: 20 }, (_, index) => live(gateway, round + index));
      for (const each of await Promise.all(lives)) begun += each;
    }
    const nothing = { connections: 0, triggers: 0, active: 0, streams: 0 };
    await waitFor(async () => {
      const left = await remains(gateway);
      expect(left).toEqual(nothing);
      return true;
    });
    expect(begun).toBeGreaterThan(CHURNS / PER_SOCKET / 2);
    expect(await gateway.metric("gateway_subscription_ends_total")).toBeGreaterThanOrEqual(begun);
    const timers = process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
    expect(timers).toBeLessThanOrEqual(before + 2);
  });
});

async function remains(gateway: TickerGateway) {
  return {
    connections: await gateway.metric("gateway_subscription_connections"),
    triggers: await gateway.metric("gateway_subscription_triggers"),
    active: await gateway.metric("gateway_subscriptions_active"),
    streams: gateway.graph.openStreams,
  };
}
