import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startGateway, type TestGateway } from "../gateway/support/start-gateway.ts";
import { rawClient, subscribe } from "../subscriptions/support/raw-client.ts";
import { waitFor } from "../../lib/wait.ts";

describe("a flood of connections", () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway({ SOCKETS_PER_ADDRESS: "3", SUBSCRIPTIONS_MAX: "1" });
  });
  afterAll(() => gateway.close());

  const refusals = async (limit: string) => {
    const text = await (await fetch(`${gateway.url}/metrics`)).text();
    return Number(
      new RegExp(`gateway_limit_refusals_total\\{limit="${limit}"\\} (\\d+)`).exec(text)?.[1] ?? 0,
    );
  };
  const open = (headers: Record<string, string> = {}) =>
    rawClient(`${gateway.url.replace("http", "ws")}/graphql`, { initialise: false, options: { headers } });

  test("G8: is capped by address before anybody says who they are, whatever X-Forwarded-For says", async () => {
    const idle = [await open(), await open(), await open()];
    const refused = await open({ "x-forwarded-for": "1.2.3.4" });
    expect(await refused.closed()).toMatchObject({ code: 1006 });
    expect(await refusals("socketsPerAddress")).toBe(1);
    idle[0]?.socket.terminate();
    await waitFor(async () => (await open()).socket.readyState === WebSocket.OPEN);
    for (const { socket } of idle) socket.terminate();
  });

  test("may not hold more subscriptions than all together may", async () => {
    const client = await waitFor(async () => {
      const fresh = await rawClient(`${gateway.url.replace("http", "ws")}/graphql`);
      return fresh.messages.length > 0 ? fresh : undefined;
    });
    client.send(subscribe("1", `subscription { boatMoved(id: "b1") { id } }`));
    client.send(subscribe("2", `subscription { boatMoved(id: "b2") { id } }`));
    const { payload } = await client.next("error", "2");
    expect(payload).toMatchObject([{ extensions: { code: "RATE_LIMITED", limit: "subscriptions" } }]);
    client.socket.terminate();
  });
});
