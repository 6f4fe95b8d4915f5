import { describe, expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { createLiveClient, type LiveClientOptions } from "../../client/live-client.ts";
import { bearer } from "../gateway/support/start-gateway.ts";
import { waitFor } from "../../lib/wait.ts";
import { movableClock } from "./support/lone-listener.ts";
import { startTickerGateway, type TickerGateway } from "./support/start.ts";

const scopes = ["ticks.view"];
const tokenFor = async (ttlSeconds: number) => (await bearer({ scopes }, ttlSeconds)).replace("Bearer ", "");

function watch(gateway: TickerGateway, query: string, options: Partial<LiveClientOptions> = {}) {
  const sockets: WebSocket[] = [];
  const heard: string[] = [];
  class Recorded extends WebSocket {
    constructor(address: string, protocols: string[]) {
      super(address, protocols);
      sockets.push(this);
      this.on("message", (data) => heard.push((data as Buffer).toString()));
    }
  }
  const seen = { numbers: [] as number[], gaps: 0, errors: [] as unknown[], ends: 0 };
  const client = createLiveClient({ url: gateway.socketUrl, webSocketImpl: Recorded, ...options });
  onTestFinished(() => client.close());
  const stop = client.subscribe<Record<string, { number: number }>>(
    { query },
    {
      next: ({ data }, { gap }) => {
        seen.numbers.push(Object.values(data ?? {})[0]?.number ?? -1);
        if (gap) seen.gaps += 1;
      },
      error: (errors) => seen.errors.push(...errors),
      complete: () => (seen.ends += 1),
    },
  );
  return { seen, stop, sockets, heard, cut: () => sockets.at(-1)?.terminate() };
}

describe("the live client", () => {
  test("sees every number once over cuts", async () => {
    const gateway = await startTickerGateway();
    const { seen, cut, stop } = watch(gateway, `subscription { tick(topic: "s") { number } }`);
    await waitFor(() => seen.numbers.length === 1);
    for (let round = 1; round <= 3; round++) {
      cut();
      for (let count = 0; count < 4; count++) gateway.graph.emit("s");
      await waitFor(() => seen.numbers.length === 1 + 4 * round);
    }
    expect(seen).toMatchObject({ numbers: Array.from({ length: 13 }, (_, n) => n), gaps: 0, errors: [] });
    stop();
    await waitFor(() => gateway.graph.openStreams === 0);
  });

  test("says that events are lost when they are", async () => {
    const gateway = await startTickerGateway({ env: { SUBSCRIPTION_LINGER_SECONDS: "0" } });
    const { seen, cut } = watch(gateway, `subscription { plain(topic: "s") { number } }`);
    await waitFor(() => seen.numbers.length === 1);
    cut();
    await waitFor(() => gateway.graph.openStreams === 0);
    gateway.graph.emit("s");
    await waitFor(() => seen.numbers.length === 2);
    expect(seen).toMatchObject({ numbers: [0, 1], gaps: 1 });
  });

  test("says with which code and why the gateway closed the connection for good", async () => {
    const gateway = await startTickerGateway({ env: { MESSAGE_LIMIT_BYTES: "1024" } });
    const { seen } = watch(gateway, `# ${"x".repeat(2_000)}\nsubscription { tick(topic: "s") { number } }`);
    await waitFor(() => seen.errors.length > 0);
    expect(seen.errors).toEqual([
      { message: "The connection was closed with 1009: The message is too large (message)" },
    ]);
  });

  test("renews its token on the socket before it ends", async () => {
    const clock = movableClock();
    const gateway = await startTickerGateway({ env: { TOKEN_WARNING_SECONDS: "60" }, clock });
    const ttls = [60, 600];
    const { seen, sockets, heard } = watch(gateway, "subscription { secret { number } }", {
      token: () => tokenFor(ttls.shift() ?? 600),
    });
    await waitFor(() => seen.numbers.length === 1);
    await waitFor(() => heard.some((message) => message.includes('"renewed":true')));
    clock.aheadMs = 61_000;
    gateway.graph.emit("secret");
    await waitFor(() => seen.numbers.length === 2);
    expect({ ...seen, sockets: sockets.length }).toMatchObject({ errors: [], sockets: 1 });
  });

  test("comes back with another token when it could not renew in time, and misses nothing", async () => {
    const clock = movableClock();
    const gateway = await startTickerGateway({ env: { TOKEN_WARNING_SECONDS: "0" }, clock });
    const ttls = [60, 600];
    const { seen, sockets } = watch(gateway, "subscription { secret { number } }", {
      token: () => tokenFor(ttls.shift() ?? 600),
    });
    await waitFor(() => seen.numbers.length === 1);
    clock.aheadMs = 60_000;
    await waitFor(() => sockets[0]?.readyState === WebSocket.CLOSED);
    gateway.graph.emit("secret");
    await waitFor(() => seen.numbers.length === 2);
    expect(seen).toMatchObject({ numbers: [0, 1], errors: [], gaps: 0 });
  });

  test("comes back with another token also when the first ended before any event", async () => {
    const clock = movableClock();
    const gateway = await startTickerGateway({ env: { TOKEN_WARNING_SECONDS: "0" }, clock });
    const ttls = [60, 600];
    const query = `subscription { happened(topic: "s") { number } }`;
    const active = () => gateway.metric("gateway_subscriptions_active");
    // Whoever comes after the first hears of nothing until something happens.
    const first = watch(gateway, query, { token: () => tokenFor(6_000) });
    await waitFor(() => first.seen.numbers.length === 1);
    const { seen, sockets } = watch(gateway, query, { token: () => tokenFor(ttls.shift() ?? 600) });
    await waitFor(async () => (await active()) === 2);
    clock.aheadMs = 60_000;
    await waitFor(() => sockets[0]?.readyState === WebSocket.CLOSED);
    await waitFor(async () => (await active()) === 2);
    gateway.graph.emit("s");
    await waitFor(() => seen.numbers.length === 1);
    expect(seen).toMatchObject({ numbers: [1], errors: [] });
  });

  test("passes a refusal on", async () => {
    const gateway = await startTickerGateway();
    const { seen } = watch(gateway, "subscription { secret { number } }");
    await waitFor(() => seen.errors.length === 1);
    expect(seen.errors).toMatchObject([{ extensions: { code: "UNAUTHENTICATED" } }]);
  });
});
