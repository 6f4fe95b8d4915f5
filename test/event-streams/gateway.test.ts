import { describe, expect, onTestFinished, test } from "vitest";
import { waitFor } from "../../lib/wait.ts";
import { bearer } from "../gateway/support/start-gateway.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { install, listen } from "./support/start.ts";

const redisUrl = process.env["REDIS_URL"];

/** Where the broker is: in the process, and where there are services on real servers. */
const brokers: Record<string, () => Promise<string | undefined>> = {
  memory: async () => undefined,
  ...(redisUrl && {
    "Redis Streams": async () => redisUrl,
    "NATS JetStream": async () => {
      const server = await startNatsServer();
      onTestFinished(() => server.close());
      return server.url;
    },
  }),
};

const ORDER = `subscription { orderChanged(id: "1") { id total } }`;
const event = (total: number) => ({ id: "1", total, lines: [{ count: 2, product: { upc: "p1" } }] });

describe.each(Object.keys(brokers))("an event stream on %s", (kind) => {
  const start = async () => {
    const shop = await install(await brokers[kind]?.());
    return { shop, gateway: await shop.gateway() };
  };

  test("gives what the message holds and asks nobody", async () => {
    const { shop, gateway } = await start();
    const query = `subscription { changed: orderChanged(id: "1") { __typename number: id total lines { count product { code: upc } } } }`;
    const { values } = await listen(gateway, query);
    await shop.publish("orders.1", event(5));
    await waitFor(() => values().length === 1);
    const lines = [{ count: 2, product: { code: "p1" } }];
    expect(values()).toEqual([{ __typename: "Order", number: "1", total: 5, lines }]);
    expect(shop.graph.requests).toEqual({});
  });

  test("fetches what the message leaves out, by the keys in it, over several subgraphs", async () => {
    const { shop, gateway } = await start();
    const query = `subscription($id: ID!) { orderChanged(id: $id) { total note buyer { name favourite { grams } } lines { count product { name } } } }`;
    const { values } = await listen(gateway, query, { variables: { id: "1" } });
    await shop.publish("orders.1", event(7));
    await waitFor(() => values().length === 1);
    expect(values()).toEqual([
      {
        total: 7,
        note: "note of 1",
        buyer: { name: "User u1", favourite: { grams: 250 } },
        lines: [{ count: 2, product: { name: "Product p1" } }],
      },
    ]);
  });

  test("goes on at another gateway, with exactly what was missed, in order", async () => {
    const { shop, gateway } = await start();
    const first = await listen(gateway, ORDER);
    for (const total of [1, 2]) await shop.publish("orders.1", event(total));
    await waitFor(() => first.values().length === 2);
    first.client.socket.terminate();
    for (let total = 3; total <= 200; total++) await shop.publish("orders.1", event(total));
    const other = await shop.gateway();
    const back = await listen(other, ORDER, { lastEventId: first.lastId() });
    await shop.publish("orders.1", event(201));
    await waitFor(() => back.values().length >= 199);
    expect(back.values()).toEqual(Array.from({ length: 199 }, (_, nth) => ({ id: "1", total: nth + 3 })));
    expect(back.heard().some(({ extensions }) => extensions.gap)).toBe(false);
    // Counted when everything that was missed has been read, which is a moment after its last event.
    await waitFor(async () => (await other.metric("gateway_subscription_resumes_total", "complete")) === 1);
  });
});

describe("an event stream", () => {
  test("passes over members of a union by their __typename, and arguments without a value", async () => {
    const shop = await install();
    const gateway = await shop.gateway();
    const query = `subscription { noticed { ... on Order { note } ... on Remark { text product { name } } } }`;
    const { values } = await listen(gateway, query);
    await shop.publish("noticed.default.-.-", { __typename: "Remark", text: "hot", product: { upc: "p1" } });
    await shop.publish("noticed.default.-.-", { __typename: "Order", id: "4" });
    await waitFor(() => values().length === 2);
    expect(values()).toEqual([{ text: "hot", product: { name: "Product p1" } }, { note: "note of 4" }]);
  });

  test("is listened to once for all who follow its topic, whatever they select of it", async () => {
    const shop = await install();
    const gateway = await shop.gateway();
    const all = [
      await listen(gateway, ORDER),
      await listen(gateway, ORDER),
      await listen(gateway, `subscription { orderChanged(id: "1") { note } }`),
    ];
    await shop.publish("orders.1", event(3));
    await waitFor(() => all.every(({ values }) => values().length === 1));
    expect(await gateway.metric("gateway_event_topics")).toBe(1);
    expect(await gateway.metric("gateway_subscription_triggers")).toBe(2);
    expect(shop.graph.requests).toEqual({ orders: 1 });
    for (const { client } of all) client.send({ id: "1", type: "complete" });
    await waitFor(async () => (await gateway.metric("gateway_event_topics")) === 0);
  });

  test("begins with the next event, also for those who come late", async () => {
    const shop = await install();
    const gateway = await shop.gateway();
    const early = await listen(gateway, ORDER);
    await shop.publish("orders.1", event(1));
    await waitFor(() => early.values().length === 1);
    const late = await listen(gateway, ORDER);
    await shop.publish("orders.1", event(2));
    await waitFor(() => late.values().length === 1);
    expect(late.values()).toEqual([{ id: "1", total: 2 }]);
  });

  test.each([
    ["a wildcard", "*", "%2A"],
    ["another subject's name", "1.more", "1%2Emore"],
    ["the rest of all subjects", ">", "%3E"],
    ["no character at all", "", "%"],
  ])("is not widened by %s in an argument", async (_, id, own) => {
    const shop = await install();
    const gateway = await shop.gateway();
    const query = `subscription($id: ID!) { orderChanged(id: $id) { total } }`;
    const { values } = await listen(gateway, query, { variables: { id } });
    for (const topic of ["orders.1", "orders.1.more", "orders"]) await shop.publish(topic, event(1));
    await shop.publish(`orders.${own}`, event(9));
    await waitFor(() => values().length > 0);
    expect(values()).toEqual([{ total: 9 }]);
  });

  test("refuses an argument that is too long for a topic, by its name", async () => {
    const shop = await install();
    const gateway = await shop.gateway();
    const query = `subscription($id: ID!) { orderChanged(id: $id) { total } }`;
    const { client } = await listen(gateway, query, { variables: { id: "x".repeat(600) } });
    const { payload } = await client.next("error");
    expect(payload).toMatchObject([
      { message: expect.stringMatching(/^id: .*512 bytes/), extensions: { code: "BAD_USER_INPUT" } },
    ]);
  });

  test.each([
    ["no JSON", "{", "is no JSON"],
    ["a field of another type", { ...event(1), total: "much" }, "does not fit at total"],
    ["a field left out", { id: "1", lines: [] }, "does not fit at total: it is missing"],
    ["null where there is none", { ...event(1), id: null }, "does not fit at id"],
    ["an object for a list", { ...event(1), lines: {} }, "does not fit at lines"],
    ["what is too large", { ...event(1), more: "x".repeat(70_000) }, "at most 65536 are read"],
  ])("leaves out and counts a message that is %s, and goes on", async (_, message, problem) => {
    const shop = await install();
    const warnings: string[] = [];
    const gateway = await shop.gateway({ SUBGRAPH_RESPONSE_LIMIT_BYTES: "65536" }, (line) =>
      warnings.push(line),
    );
    const [one, two] = [
      await listen(gateway, ORDER),
      await listen(gateway, `subscription { orderChanged(id: "1") { note } }`),
    ];
    await shop.publish("orders.1", message);
    await shop.publish("orders.1", event(2));
    await waitFor(() => one.values().length > 0 && two.values().length > 0);
    expect(one.values()).toEqual([{ id: "1", total: 2 }]);
    expect(await gateway.metric("gateway_event_dead_letters_total", `field="orderChanged"`)).toBe(1);
    const told = warnings.filter((line) => line.includes("does not fit its event stream"));
    expect(told).toEqual([expect.stringContaining(problem)]);
    expect(told[0]).toMatch(/"position":"[a-z0-9]+\/\d+"/);
  });

  test("keeps the latest only for slow clients of a conflated field, and all for others", async () => {
    const shop = await install();
    const gateway = await shop.gateway({ SUBSCRIPTION_CONFLATED_FIELDS: "gauge" });
    const { client, values } = await listen(gateway, `subscription { gauge { text } }`);
    client.socket.pause();
    const text = "x".repeat(60_000);
    for (let nth = 1; nth <= 300; nth++)
      await shop.publish("gauge", { text: `${nth} ${text}`, product: { upc: "p" } });
    await waitFor(async () => (await gateway.metric("gateway_subscription_conflated_total")) > 0);
    client.socket.resume();
    const nthOf = (value: unknown) => Number((value as { text: string }).text.split(" ")[0]);
    await waitFor(() => nthOf(values().at(-1) ?? { text: "0" }) === 300);
    expect(values().length).toBeLessThan(300);
  });
});

describe("the events of a stream", () => {
  const secured = { AUTH_MODE: "jwt", AUTH_ANONYMOUS_SCOPES: "" };
  const remark = (text: string) => ({ text, product: { upc: "p1" } });

  test("are for those alone who have the scopes of the field", async () => {
    const shop = await install();
    const gateway = await shop.gateway(secured);
    const query = `subscription { secret { text } }`;
    const allowed = await listen(gateway, query, { authorization: await bearer({ scopes: ["plm.view"] }) });
    const refused = await listen(gateway, query, {
      authorization: await bearer({ scopes: ["projects.view"] }),
    });
    expect((await refused.client.next("error")).payload).toMatchObject([
      { extensions: { code: "FORBIDDEN" } },
    ]);
    await shop.publish("secret", remark("for few"));
    await waitFor(() => allowed.values().length === 1);
    expect(refused.values()).toEqual([]);
  });

  test("are those of the caller's tenant and subject, where the topic says so", async () => {
    const shop = await install();
    const gateway = await shop.gateway(secured);
    const caller = async (subject: string, tenant: string) => ({
      authorization: await bearer({ subject, tenant, scopes: ["plm.view"] }),
    });
    const mine = `subscription { mine { text } }`;
    const ann = await listen(gateway, mine, { ...(await caller("ann", "north")), topics: 1 });
    const bob = await listen(gateway, mine, { ...(await caller("bob", "north")), topics: 2 });
    const noticed = `subscription { noticed(kind: GOOD) { __typename } }`;
    const north = await listen(gateway, noticed, { ...(await caller("ann", "north")), topics: 3 });
    const south = await listen(gateway, noticed, { ...(await caller("ann", "south")), topics: 4 });
    await shop.publish("mine.ann", remark("for ann"));
    await shop.publish("mine.bob", remark("for bob"));
    await shop.publish("noticed.north.GOOD.-", { __typename: "Order", id: "1" });
    await shop.publish("noticed.south.GOOD.-", { __typename: "Remark", ...remark("south") });
    await waitFor(() => [ann, bob, north, south].every(({ values }) => values().length === 1));
    expect([ann, bob, north, south].map(({ values }) => values()[0])).toEqual([
      { text: "for ann" },
      { text: "for bob" },
      { __typename: "Order" },
      { __typename: "Remark" },
    ]);
  });
});
