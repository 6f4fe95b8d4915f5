import { afterEach, describe, expect, test } from "vitest";
import type { FormattedExecutionResult } from "graphql";
import type { ExplainExtension } from "../../gateway/execution/explanation.ts";
import { waitFor } from "../../lib/wait.ts";
import { openStream } from "../subscriptions/support/http-stream.ts";
import { rawClient, subscribe } from "../subscriptions/support/raw-client.ts";
import { startTickerGateway } from "../subscriptions/support/start.ts";
import { bearer, startGateway, type TestGateway } from "./support/start-gateway.ts";

const BOATS = "{ boats { name hull { material } } }";
const TICK = `subscription { tick(topic: "s") { number place { name } } }`;
const ADMIN = { role: "admin" } as const;

const explainOf = ({ extensions }: FormattedExecutionResult) => extensions?.["explain"] as ExplainExtension;

const open: TestGateway[] = [];
afterEach(async () => {
  for (const gateway of open.splice(0)) await gateway.close();
});
async function start(...options: Parameters<typeof startGateway>): Promise<TestGateway> {
  const gateway = await startGateway(...options);
  open.push(gateway);
  return gateway;
}
const asAdmin = async () => ({ "x-explain": "1", authorization: await bearer(ADMIN) });

describe("an explained answer", () => {
  test("has the plan and what each of its fetches took beside the same data", async () => {
    const gateway = await start();
    const plain = await gateway.post({ query: BOATS });
    const { body } = await gateway.post({ query: BOATS }, await asAdmin());
    expect(body.data).toEqual(plain.body.data);
    const { plan, fetches, planningMs, executionMs } = explainOf(body);
    expect(plan).toMatchObject({
      kind: "sequence",
      nodes: [
        { kind: "fetch", id: 0, subgraph: "fleet" },
        { kind: "entities", id: 1, subgraph: "yard", paths: ["boats.@.hull"] },
      ],
    });
    expect(fetches).toMatchObject([
      { id: 0, subgraph: "fleet", entities: null, failure: null },
      { id: 1, subgraph: "yard", entities: 2, failure: null },
    ]);
    for (const { durationMs, sentBytes, receivedBytes } of fetches) {
      expect(durationMs).toBeGreaterThan(0);
      expect(durationMs).toBeLessThanOrEqual(executionMs);
      expect(sentBytes).toBeGreaterThan(20);
      expect(receivedBytes).toBeGreaterThan(20);
    }
    expect(fetches[1]?.startedMs).toBeGreaterThanOrEqual(fetches[0]?.durationMs ?? Number.NaN);
    expect(planningMs).toBeNull();
  });

  test("is the same the third time, when other answers are copied out of text", async () => {
    const gateway = await start();
    for (let time = 0; time < 3; time += 1) await gateway.post({ query: BOATS });
    const { body } = await gateway.post({ query: BOATS }, await asAdmin());
    expect(explainOf(body).fetches).toHaveLength(2);
  });

  test("says how long planning took where it was planned for it", async () => {
    const { body } = await (await start()).post({ query: BOATS }, await asAdmin());
    expect(explainOf(body).planningMs).toBeGreaterThan(0);
  });

  test("names the fetch that failed by its code", async () => {
    const gateway = await start({ SUBGRAPH_URLS: "yard=http://127.0.0.1:9/graphql" }, { inProcess: "fleet" });
    const { body } = await gateway.post({ query: BOATS }, await asAdmin());
    expect(body.errors?.[0]?.extensions).toMatchObject({ code: "SUBGRAPH_UNAVAILABLE" });
    expect(explainOf(body).fetches[1]).toMatchObject({
      subgraph: "yard",
      receivedBytes: null,
      failure: "SUBGRAPH_UNAVAILABLE",
    });
  });

  test("has no plan where nothing is fetched", async () => {
    const { body } = await (await start()).post({ query: "{ __typename }" }, await asAdmin());
    expect(explainOf(body)).toMatchObject({ plan: null, fetches: [] });
  });

  test("comes in one piece though a part of it is deferred", async () => {
    const gateway = await start();
    const query = "{ boats { name ... @defer { hull { material } } } }";
    const stream = await openStream(`${gateway.url}/graphql`, { body: { query }, headers: await asAdmin() });
    await waitFor(() => stream.isEnded());
    const [payload = "", ...more] = stream.text().match(/\{"data.*\}/g) ?? [];
    expect(more).toEqual([]);
    const body = JSON.parse(payload) as FormattedExecutionResult;
    expect(body.data).toMatchObject({ boats: [{ hull: { material: "aluminium" } }, {}] });
    expect(explainOf(body).fetches).toHaveLength(2);
  });
});

describe("an answer that nobody may have explained", () => {
  test.each([
    ["a supervisor", { role: "supervisor" } as const, "FORBIDDEN"],
    ["an operator with every scope", { role: "operator", scopes: ["plm.admin"] } as const, "FORBIDDEN"],
    ["a caller without a token", undefined, "UNAUTHENTICATED"],
  ])("is refused to %s before anything is fetched", async (_name, claims, code) => {
    const gateway = await start();
    const authorization = claims && { authorization: await bearer(claims) };
    const refused = [
      await gateway.post({ query: BOATS }, { "x-explain": "1", ...authorization }),
      await gateway.post({ query: BOATS, extensions: { explain: true } }, { ...authorization }),
    ];
    for (const { body } of refused) {
      expect(body).toMatchObject({ errors: [{ extensions: { code, field: "explain" } }] });
      expect(body.data).toBeUndefined();
      expect(JSON.stringify(body)).not.toMatch(/fleet|yard/);
    }
    expect(gateway.graph.hullBatches).toEqual([]);
  });

  test.each([
    ["a header that is not 1", { "x-explain": "yes" }, undefined, /x-explain.*expected 1/],
    ["an extension that is no boolean", {}, { explain: "yes" }, /extensions\.explain.*true or false/],
  ])("is refused for %s", async (_name, headers, extensions, message) => {
    const { body, status } = await (await start()).post({ query: BOATS, extensions }, headers);
    expect(status).toBe(400);
    expect(body.errors?.[0]?.message).toMatch(message);
  });
});

describe("an explained subscription", () => {
  test("says over WebSocket how each event was completed, to nobody but who asked for it", async () => {
    const gateway = await startTickerGateway();
    const client = await rawClient(gateway.socketUrl, { authorization: await bearer(ADMIN) });
    client.send(subscribe("plain", TICK));
    client.send(subscribe("explained", TICK, { extensions: { explain: true } }));
    const events = () => client.events("explained");
    await waitFor(() => events().length === 1 && client.events("plain").length === 1);
    gateway.graph.emit("s");
    await waitFor(() => events().length === 2 && client.events("plain").length === 2);
    for (const event of events())
      expect(explainOf(event)).toMatchObject({
        plan: {
          kind: "subscription",
          trigger: { subgraph: "ticker" },
          rest: { kind: "entities", subgraph: "places" },
        },
        fetches: [{ id: 0, subgraph: "places", entities: 1 }],
      });
    for (const event of client.events("plain")) expect(explainOf(event)).toBeUndefined();
    client.socket.close();
  });

  test("says it in server-sent events, too", async () => {
    const gateway = await startTickerGateway();
    const stream = await openStream(`${gateway.url}/graphql`, {
      body: { query: TICK },
      headers: await asAdmin(),
    });
    const first = await waitFor(() => /^data: (.+)$/m.exec(stream.text())?.[1]);
    expect(explainOf(JSON.parse(first) as FormattedExecutionResult).fetches).toHaveLength(1);
    stream.cut();
  });

  test("ends when its caller is no administrator any more", async () => {
    const gateway = await startTickerGateway();
    const client = await rawClient(gateway.socketUrl, { authorization: await bearer(ADMIN, 60) });
    client.send(subscribe("explained", TICK, { extensions: { explain: true } }));
    await client.next("next", "explained");
    client.send({ type: "ping", payload: { authorization: await bearer({ role: "operator" }, 600) } });
    expect(await client.next("error", "explained")).toMatchObject({
      payload: [{ extensions: { code: "FORBIDDEN" } }],
    });
    client.socket.close();
  });

  test("is refused to others over WebSocket", async () => {
    const gateway = await startTickerGateway();
    const client = await rawClient(gateway.socketUrl, { authorization: await bearer() });
    client.send(subscribe("explained", TICK, { extensions: { explain: true } }));
    expect(await client.next("error", "explained")).toMatchObject({
      payload: [{ extensions: { code: "FORBIDDEN" } }],
    });
    expect(gateway.graph.openedStreams).toBe(0);
    client.socket.close();
  });
});
