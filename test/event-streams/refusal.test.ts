import { expect, test } from "vitest";
import { waitFor } from "../../lib/wait.ts";
import { install, listen } from "./support/start.ts";

const query = (id: string) => `subscription { tracked(id: "${id}") { id note } }`;
const message = (id: string) => ({ id, lines: [] });
const start = async () => {
  const shop = await install();
  return { shop, gateway: await shop.gateway() };
};

test("a stream of a broker that its subgraph refuses ends with what the subgraph says", async () => {
  const { gateway } = await start();
  const { heard } = await listen(gateway, query("none"));
  expect(heard()).toMatchObject([
    { errors: [{ message: "Order none does not exist", extensions: { code: "NOT_FOUND" } }] },
  ]);
  await waitFor(async () => (await gateway.metric("gateway_event_topics")) === 0);
});

test.each([
  ["has nothing to tell", "quiet"],
  ["cannot say for now", "away"],
  ["tells something itself", "new"],
])("a stream of which the subgraph %s has the broker's events, and they alone", async (_what, id) => {
  const { shop, gateway } = await start();
  const { client, values } = await listen(gateway, query(id));
  await shop.publish(`tracked.${id}`, message("1"));
  await waitFor(() => values().length > 0);
  await shop.publish(`tracked.${id}`, message("2"));
  await waitFor(() => values().length > 1);
  expect(values()).toEqual([
    { id: "1", note: "note of 1" },
    { id: "2", note: "note of 2" },
  ]);
  expect(client.messages.filter(({ type }) => type === "complete")).toEqual([]);
});

test("a stream that somebody comes back to has been taken before: the subgraph is not asked again", async () => {
  const { shop, gateway } = await start();
  const first = await listen(gateway, query("quiet"));
  await shop.publish("tracked.quiet", message("1"));
  await waitFor(() => first.heard().length === 1);
  const other = await shop.gateway();
  const asked = shop.graph.subscriptions["orders"];
  const back = await listen(other, query("quiet"), { lastEventId: first.lastId() });
  await shop.publish("tracked.quiet", message("2"));
  await waitFor(() => back.values().length === 1);
  expect(back.values()).toEqual([{ id: "2", note: "note of 2" }]);
  expect(shop.graph.subscriptions["orders"]).toBe(asked);
});
