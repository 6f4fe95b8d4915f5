import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { waitFor } from "../../lib/wait.ts";
import { collect } from "./support/collect.ts";
import { bearer, startGateway, type TestGateway } from "./support/start-gateway.ts";

const MOVES = `subscription ($id: ID!) { boatMoved(id: $id) { miles hull { material } } }`;

describe("subscriptions over graphql-transport-ws", () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway.close());

  test("deliver the current state at once and complete each event from the other subgraph", async () => {
    const { results, stop } = collect(gateway.socketClient(), MOVES, { id: "b1" });
    await waitFor(() => results.length === 1);
    gateway.graph.moveBoat("b1");
    await waitFor(() => results.length === 2);
    expect(results.map(({ data }) => data)).toEqual(
      [0, 1].map((miles) => ({ boatMoved: { miles, hull: { material: "aluminium" } } })),
    );
    stop();
  });

  test("leave nothing behind when the client stops or its socket breaks", async () => {
    const client = gateway.socketClient();
    const first = collect(client, MOVES, { id: "b2" });
    await waitFor(() => first.results.length === 1);
    first.stop();
    await waitFor(() => gateway.graph.hub.watchedKeys.length === 0);
    const second = collect(client, MOVES, { id: "b2" });
    await waitFor(() => second.results.length === 1);
    client.terminate();
    await waitFor(() => gateway.graph.hub.watchedKeys.length === 0);
  });

  test("refuse what does not exist with a coded error and keep the socket", async () => {
    const client = gateway.socketClient();
    const refused = collect(client, MOVES, { id: "nobody" });
    await waitFor(() => refused.ends.length === 1);
    expect(refused.results[0]?.errors).toMatchObject([
      { extensions: { code: "NOT_FOUND", subgraph: "fleet" } },
    ]);
    expect(refused.ends).toEqual(["complete"]);
    const { results, stop } = collect(client, `{ boat(id: "b2") { name } }`);
    await waitFor(() => results.length === 1);
    expect(results[0]?.data).toEqual({ boat: { name: "Boat b2" } });
    stop();
  });

  test.each([
    ["a syntax error", "subscription {"],
    ["an unknown field", "subscription { boatSank { id } }"],
    ["two root fields", `subscription { a: boatMoved(id: "b1") { id } b: boatMoved(id: "b2") { id } }`],
    ["a protected field", "{ secretPlan }"],
  ])("refuse %s without closing the socket", async (_name, query) => {
    const client = gateway.socketClient();
    const refused = collect(client, query);
    await waitFor(() => refused.ends.length === 1);
    expect(refused.ends[0]).toMatchObject([{ extensions: { code: expect.any(String) } }]);
    const { results } = collect(client, "{ whoAmI }");
    await waitFor(() => results.length === 1);
  });

  test("know the caller from connection_init", async () => {
    const { results } = collect(gateway.socketClient(await bearer({ subject: "lin" })), "{ whoAmI }");
    await waitFor(() => results.length === 1);
    expect(results[0]?.data?.["whoAmI"]).toMatch(/^lin /);
  });

  test("close 4403 for a bad token", async () => {
    const closed: number[] = [];
    const client = gateway.socketClient("Bearer x.y.z", {
      closed: (event) => closed.push((event as CloseEvent).code),
    });
    collect(client, "{ whoAmI }");
    await waitFor(() => closed.length === 1);
    expect(closed).toEqual([4403]);
  });

  test("close 4403 when the token expires", async () => {
    const closed: number[] = [];
    const authorization = await bearer({}, 1);
    const client = gateway.socketClient(authorization, {
      closed: (event) => closed.push((event as CloseEvent).code),
    });
    collect(client, MOVES, { id: "b1" });
    await waitFor(() => closed.length === 1);
    expect(closed).toEqual([4403]);
  });
});
