import { describe, expect, onTestFinished, test } from "vitest";
import { waitFor } from "../../lib/wait.ts";
import { bearer } from "../gateway/support/start-gateway.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { install, listen, type Heard, type Installation } from "./support/start.ts";

const query = (id: string) => `subscription { orderChanged(id: "${id}") { total } }`;
const ORDER = query("1");
const change = (shop: Installation, total: number, id = "1") =>
  shop.publish(`orders.${id}`, { id, total, lines: [] });
const totals = ({ values }: { values: () => unknown[] }) =>
  values().map((value) => (value as { total: number }).total);

/** The id of an event, with what is behind it. */
async function heardOnce(shop: Installation, id = "1"): Promise<string> {
  const gateway = await shop.gateway();
  const listening = await listen(gateway, query(id));
  await change(shop, 1, id);
  await waitFor(() => listening.values().length === 1);
  listening.client.socket.terminate();
  return listening.lastId();
}

describe("whoever comes back to an event stream", () => {
  test("hears nothing again, and nothing of a gap, where nothing was missed", async () => {
    const shop = await install();
    const lastEventId = await heardOnce(shop);
    const back = await listen(await shop.gateway(), ORDER, { lastEventId });
    await change(shop, 2);
    await waitFor(() => back.values().length === 1);
    expect(back.heard()).toEqual([
      { data: { orderChanged: { total: 2 } }, extensions: { eventId: expect.any(String) } },
    ]);
  });

  test("gets what was missed at a gateway where others listen already, who hear nothing of it", async () => {
    const shop = await install();
    const lastEventId = await heardOnce(shop);
    for (const total of [2, 3]) await change(shop, total);
    const gateway = await shop.gateway();
    const staying = await listen(gateway, ORDER);
    await change(shop, 4);
    await waitFor(() => staying.values().length === 1);
    const back = await listen(gateway, ORDER, { lastEventId });
    await waitFor(() => back.values().length >= 3);
    await change(shop, 5);
    await waitFor(() => back.values().length === 4 && staying.values().length === 2);
    expect([totals(back), totals(staying)]).toEqual([
      [2, 3, 4, 5],
      [4, 5],
    ]);
  });

  test("gets each event once and in order while more of them come all the time", async () => {
    const shop = await install();
    const lastEventId = await heardOnce(shop);
    let total = 1;
    const publishing = setInterval(() => void change(shop, (total += 1)), 1);
    const gateway = await shop.gateway();
    const all = await Promise.all(Array.from({ length: 5 }, () => listen(gateway, ORDER, { lastEventId })));
    await waitFor(() => all.every(({ values }) => values().length >= 300));
    clearInterval(publishing);
    await waitFor(() => all.every((each) => totals(each).at(-1) === total));
    for (const each of all) {
      expect(totals(each)).toEqual(Array.from({ length: total - 1 }, (_, nth) => nth + 2));
      expect(each.heard().some(({ extensions }) => extensions.gap)).toBe(false);
    }
  });

  test("can do so with the id of every event, also of one that it got on coming back", async () => {
    const shop = await install();
    let lastEventId = await heardOnce(shop);
    const seen: number[] = [];
    for (let round = 0; round < 5; round++) {
      for (const step of [2, 3]) await change(shop, round * 2 + step);
      const back = await listen(await shop.gateway(), ORDER, { lastEventId });
      await waitFor(() => back.values().length === 2);
      seen.push(...totals(back));
      lastEventId = back.lastId();
      back.client.socket.terminate();
    }
    expect(seen).toEqual(Array.from({ length: 10 }, (_, nth) => nth + 2));
  });

  test("asks a subgraph once for each event, however many come back with the same id", async () => {
    const shop = await install();
    const noted = `subscription { orderChanged(id: "1") { total note } }`;
    const gateway = await shop.gateway();
    const first = await listen(gateway, noted);
    await change(shop, 1);
    await waitFor(() => first.values().length === 1);
    for (let total = 2; total <= 11; total++) await change(shop, total);
    const other = await shop.gateway();
    await waitFor(() => first.values().length === 11);
    const before = shop.graph.requests["orders"] ?? 0;
    const [{ extensions }] = first.heard() as [Heard];
    const all = await Promise.all(
      Array.from({ length: 8 }, () => listen(other, noted, { lastEventId: extensions.eventId })),
    );
    await waitFor(() => all.every(({ values }) => values().length === 10));
    expect((shop.graph.requests["orders"] ?? 0) - before).toBe(10);
  });
});

describe("an id that cannot be gone on from", () => {
  const gapAtOnce = [{ data: null, extensions: { eventId: expect.any(String), gap: true } }];

  /** Ids that somebody may come with, each made from one that is good. */
  const bad: Record<string, (good: string, shop: Installation) => Promise<string> | string> = {
    "that nobody gave out": () => "bXgzZmtsaGkvMQ.AAAAAAAAAAAAAAAA",
    "of a gateway's memory": () => "8f14e45fceea167:12",
    "whose position was changed": (good) =>
      `${Buffer.from("abc/1").toString("base64url")}.${good.split(".")[1]}`,
    "of other arguments": (_, shop) => heardOnce(shop, "2"),
    "of another installation's stream": async () => heardOnce(await install()),
  };

  test.each(Object.keys(bad))("%s is a gap at once, and never anything of another subject", async (name) => {
    const shop = await install();
    const good = await heardOnce(shop);
    await change(shop, 2);
    const lastEventId = (await bad[name]?.(good, shop)) ?? "";
    const gateway = await shop.gateway();
    const back = await listen(gateway, ORDER, { lastEventId });
    await waitFor(() => back.heard().length === 1);
    expect(back.heard()).toEqual(gapAtOnce);
    await change(shop, 3);
    await waitFor(() => back.values().length === 1);
    expect(totals(back)).toEqual([3]);
    expect(await gateway.metric("gateway_subscription_resumes_total", "gap")).toBe(1);
  });

  test("of what is not kept any more is a gap at once; the mark itself can be gone on from", async () => {
    const shop = await install();
    const lastEventId = await heardOnce(shop);
    for (let total = 2; total <= 12; total++)
      await shop.publish("orders.1", { id: "1", total, lines: [], more: "x".repeat(1_000_000) });
    const back = await listen(await shop.gateway(), ORDER, { lastEventId });
    await waitFor(() => back.heard().length === 1);
    expect(back.heard()).toEqual(gapAtOnce);
    back.client.socket.terminate();
    await change(shop, 13);
    const again = await listen(await shop.gateway(), ORDER, { lastEventId: back.lastId() });
    await waitFor(() => again.values().length === 1);
    expect(totals(again)).toEqual([13]);
  });

  test("of another tenant's topic is a gap at once", async () => {
    const shop = await install();
    const secured = { AUTH_MODE: "jwt", AUTH_ANONYMOUS_SCOPES: "" };
    const noticed = `subscription { noticed { __typename } }`;
    const gateway = await shop.gateway(secured);
    const north = await listen(gateway, noticed, { authorization: await bearer({ tenant: "north" }) });
    await shop.publish("noticed.north.-.-", { __typename: "Order", id: "1" });
    await waitFor(() => north.values().length === 1);
    const authorization = await bearer({ tenant: "south" });
    const south = await listen(gateway, noticed, { authorization, lastEventId: north.lastId(), topics: 2 });
    await waitFor(() => south.heard().length === 1);
    expect(south.heard()).toEqual(gapAtOnce);
  });

  test("is one that a gateway with another secret gave out", async () => {
    const shop = await install();
    const lastEventId = await heardOnce(shop);
    const gateway = await shop.gateway({ EVENT_ID_SECRET: "another-secret-of-theirs" });
    const back = await listen(gateway, ORDER, { lastEventId });
    await waitFor(() => back.heard().length === 1);
    expect(back.heard()).toEqual(gapAtOnce);
  });
});

describe.runIf(process.env["REDIS_URL"])("a broker that is killed while somebody listens", () => {
  test(
    "is told once, at /readyz too; nothing is lost, and the next event says that it is over",
    { timeout: 60_000 },
    async () => {
      const server = await startNatsServer();
      onTestFinished(() => server.close());
      const shop = await install(server.url);
      const gateway = await shop.gateway();
      const staying = await listen(gateway, ORDER);
      await change(shop, 1);
      await waitFor(() => staying.values().length === 1);
      await server.kill();
      await waitFor(() => staying.heard().length === 2);
      expect(staying.heard()[1]).toMatchObject({
        errors: [{ extensions: { code: "SUBGRAPH_UNAVAILABLE" } }],
      });
      const { status, checks } = (await (await fetch(`${gateway.url}/readyz`)).json()) as {
        status: string;
        checks: Record<string, string>;
      };
      expect([status, checks["eventBroker"]]).toEqual(["degraded", expect.stringContaining("NATS is away")]);
      // Who comes back meanwhile is told, and keeps its own place.
      const lastEventId = staying.heard()[0]?.extensions.eventId ?? "";
      const back = await listen(gateway, `subscription { orderChanged(id: "1") { total id } }`, {
        lastEventId,
        topics: 0,
      });
      await waitFor(() => back.heard().length === 1);
      expect(back.lastId()).toBe(lastEventId);
      const answer = await fetch(`${gateway.url}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ query: `{ order(id: "1") { note } }` }),
      });
      expect(await answer.json()).toEqual({ data: { order: { note: "note of 1" } } });
      await server.restart();
      await waitFor(() => shop.broker.problem === undefined);
      for (const total of [2, 3]) await change(shop, total);
      await waitFor(() => staying.values().length === 3 && back.values().length === 2);
      expect([totals(staying), totals(back)]).toEqual([
        [1, 2, 3],
        [2, 3],
      ]);
      expect(staying.heard().map(({ extensions }) => extensions.gap === true)).toEqual([
        false,
        false,
        true,
        false,
      ]);
    },
  );
});
