import { expect, test } from "vitest";
import { encodeIdentity } from "../../../lib/identity.ts";
import { createTestDatabase } from "../../support/database.ts";
import { insertRun } from "../fixtures.ts";
import { GATEWAY_SECRET, identity, startPlms } from "../support.ts";
import { rawClient, subscribe } from "../../subscriptions/support/raw-client.ts";

test("a PLMS that stops cuts its streams, so that gateways go on elsewhere: none of them is over", async () => {
  const database = await createTestDatabase();
  const { projectId } = await insertRun(database);
  const plms = await startPlms(database);
  const client = await rawClient(`${plms.url.replace("http", "ws")}/graphql`, { initialise: false });
  client.send({ type: "connection_init", payload: { "x-gateway-secret": GATEWAY_SECRET } });
  await client.next("connection_ack");
  const extensions = { identity: encodeIdentity(identity()), correlationId: "test" };
  for (const [id, query] of Object.entries({
    runway: `subscription { budgetRunway(projectId: "${projectId}") { status } }`,
    alerts: "subscription { projectAlert { kind } }",
  }))
    client.send(subscribe(id, query, { extensions }));
  await client.next("next", "runway");
  await plms.close();
  expect(await client.closed()).toMatchObject({ code: 1001 });
  expect(client.messages.filter(({ type }) => type === "complete")).toEqual([]);
  await database.close();
});
