import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { bearer } from "../gateway/support/start-gateway.ts";
import { temporaryFolder } from "../support/temporary-folders.ts";
import { waitFor } from "../../lib/wait.ts";
import { openStream } from "./support/http-stream.ts";
import { movableClock } from "./support/lone-listener.ts";
import { rawClient, subscribe, type RawClient } from "./support/raw-client.ts";
import { serveTicker, startTickerGateway, type TickerGateway } from "./support/start.ts";
import { createTickerGraph } from "./support/ticker-graph.ts";

const TICK = `subscription { tick(topic: "s") { number } }`;
const PLAIN = `subscription { plain(topic: "s") { number } }`;

async function listening(gateway: TickerGateway, query = TICK, authorization?: string): Promise<RawClient> {
  const client = await rawClient(gateway.socketUrl, authorization === undefined ? {} : { authorization });
  onTestFinished(() => client.socket.terminate());
  client.send(subscribe("1", query, { extensions: {} }));
  await client.next("next", "1");
  return client;
}

const reasons = (gateway: TickerGateway, reason: string) =>
  gateway.metric("gateway_subscription_ends_total", `"${reason}"`);

interface Ended {
  gateway: TickerGateway;
  client: RawClient;
  revocations: string;
}

/** Every way in which a subscription ends, but for slow clients (slow-clients.test.ts). */
const ENDS: Record<string, (ended: Ended) => unknown> = {
  client: ({ client }) => client.send({ id: "1", type: "complete" }),
  disconnected: ({ client }) => client.socket.terminate(),
  revoked: ({ revocations }) => writeFileSync(revocations, "sub default ada\n"),
  refused: ({ gateway }) =>
    writeFileSync(gateway.supergraphFile, gateway.graph.sdl.replaceAll("plain(", "plainer(")),
};

describe("the metrics of subscriptions", () => {
  test.each(Object.entries(ENDS))("count an end by its reason: %s", async (reason, end) => {
    const revocations = join(await temporaryFolder(), "revoked");
    writeFileSync(revocations, "");
    const gateway = await startTickerGateway({ env: { TOKEN_REVOCATIONS_FILE: revocations } });
    const client = await listening(gateway, PLAIN, await bearer());
    expect(await gateway.metric("gateway_subscriptions_active")).toBe(1);
    await end({ gateway, client, revocations });
    await waitFor(async () => (await reasons(gateway, reason)) === 1);
    expect(await gateway.metric("gateway_subscription_ends_total")).toBe(1);
    expect(await gateway.metric("gateway_subscriptions_active")).toBe(0);
  });

  test("count an end by its reason: completed, and expired", async () => {
    const clock = movableClock();
    const gateway = await startTickerGateway({ clock });
    const once = await listening(gateway, "subscription { whoAmI { subject } }");
    await once.next("complete", "1");
    expect(await reasons(gateway, "completed")).toBe(1);
    const expiring = await listening(gateway, TICK, await bearer({}, 60));
    clock.aheadMs = 60_000;
    await expiring.closed();
    expect(await reasons(gateway, "expired")).toBe(1);
  });

  test("count an end by its reason: drain", async () => {
    const gateway = await startTickerGateway({ env: { SUBSCRIPTION_DRAIN_SECONDS: "1" } });
    const clients = await Promise.all([TICK, PLAIN].map((query) => listening(gateway, query)));
    // A query that is still being answered keeps the server open for a look at what has been counted.
    clients[1]?.send(subscribe("q", "{ slow }"));
    const closing = gateway.close();
    await clients[0]?.closed();
    expect(await reasons(gateway, "drain")).toBeGreaterThan(0);
    await closing;
  });

  test("count what comes from subgraphs by field, what goes out, and how long that took", async () => {
    const gateway = await startTickerGateway();
    const clients = [await listening(gateway), await listening(gateway), await listening(gateway, PLAIN)];
    gateway.graph.emit("s");
    await waitFor(() => clients.every((client) => client.events("1").length === 2));
    expect(await gateway.metric("gateway_subscription_events_in_total", `"tick"`)).toBe(2);
    expect(await gateway.metric("gateway_subscription_events_in_total", `"plain"`)).toBe(2);
    // Among them the first event of the second client, out of the trigger's memory.
    expect(await gateway.metric("gateway_subscription_events_out_total")).toBe(6);
    expect(await gateway.metric("gateway_subscription_lag_seconds_count")).toBe(4);
    const lagSeconds = await gateway.metric("gateway_subscription_lag_seconds_sum");
    expect(lagSeconds).toBeGreaterThan(0);
    expect(lagSeconds).toBeLessThan(5);
    expect(await gateway.metric("gateway_subscription_triggers")).toBe(2);
  });

  test("count connections by transport", async () => {
    const gateway = await startTickerGateway();
    const count = (transport: string) => gateway.metric("gateway_subscription_connections", `"${transport}"`);
    const client = await listening(gateway);
    const streams = await Promise.all(
      ["text/event-stream", "multipart/mixed;subscriptionSpec=1.0"].map((accept) =>
        openStream(`${gateway.url}/graphql`, { accept, body: { query: TICK } }),
      ),
    );
    expect(await Promise.all(["websocket", "sse", "multipart"].map(count))).toEqual([1, 1, 1]);
    client.socket.close();
    for (const stream of streams) stream.cut();
    await waitFor(async () => (await gateway.metric("gateway_subscription_connections")) === 0);
  });

  test("count who came back, with everything and after a gap", async () => {
    const gateway = await startTickerGateway();
    const resumes = (outcome: string) => gateway.metric("gateway_subscription_resumes_total", `"${outcome}"`);
    const resident = await listening(gateway);
    gateway.graph.emit("s");
    await waitFor(() => resident.events("1").length === 2);
    resident.send(subscribe("complete", TICK, { extensions: { lastEventId: "0" } }));
    await resident.next("next", "complete");
    expect([await resumes("complete"), await resumes("gap")]).toEqual([1, 0]);
    resident.send(subscribe("gap", TICK, { extensions: { lastEventId: "unheard-of" } }));
    expect((await resident.next("next", "gap")).payload?.extensions).toMatchObject({ gap: true });
    expect([await resumes("complete"), await resumes("gap")]).toEqual([1, 1]);
  });

  test("count breaks of a subgraph's stream that may have lost events", async () => {
    const graph = createTickerGraph();
    const ticker = await serveTicker(graph, "ticker");
    const env = { SUBGRAPH_URLS: `ticker=${ticker.url}` };
    const gateway = await startTickerGateway({ graph, inProcess: false, env });
    const client = await listening(gateway, PLAIN);
    expect(await gateway.metric("gateway_subscription_upstream_gaps_total")).toBe(0);
    await ticker.close();
    graph.emit("s");
    await serveTicker(graph, "ticker", ticker.port);
    await waitFor(() => client.events("1").length === 2);
    expect(client.events("1")[1]?.extensions).toMatchObject({ gap: true });
    expect(await gateway.metric("gateway_subscription_upstream_gaps_total")).toBe(1);
  });
});
