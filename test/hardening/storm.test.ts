import { expect, onTestFinished, test } from "vitest";
import { waitFor } from "../../lib/wait.ts";
import { startHonestWork } from "./support/honest-work.ts";
import { createStorm, randomFrom } from "./support/storm-clients.ts";
import { startStormStack, type StormStack } from "./support/storm-stack.ts";

/** How long the storm lasts; a longer one finds more, and is what CI does. */
const STORM_MS = Number(process.env["STORM_SECONDS"] ?? 5) * 1_000;
const AT_ONCE = 8;

const MODEL = `name features { code name requires { code } } bom { flatLines(first: 200) { edges { node { path code name partNumber quantity } } } }`;
/** The same again under other names, so that answers are larger than what a socket takes at once. */
const TIMES = 8;
const again = (selection: string) =>
  Array.from({ length: TIMES }, (_, nth) => `again${nth}: ${selection}`).join(" ");

/** What those who misbehave ask for, of the same projects as those who behave. */
const operationsOn = (projectIds: readonly string[]) => ({
  subscription: (random: () => number) => {
    const projectId = projectIds[Math.floor(random() * projectIds.length)] ?? "";
    const fields = [
      `budgetRunway(projectId: "${projectId}") { budget { usdMax usdSpent } ${again(`project { products { model { ${MODEL} } } }`)} }`,
      `riskHeatmap(projectId: "${projectId}") { asOf }`,
      `projectAlert(projectId: "${projectId}") { id state message }`,
      `circuitBreaker { state transitions(last: 10) { from to at } }`,
    ];
    return `subscription { ${fields[Math.floor(random() * fields.length)] ?? ""} }`;
  },
  query: () => `{ ${again(`models(first: 10) { edges { node { ${MODEL} } } }`)} }`,
  // Few keys, so that many of them race for the same order.
  mutation: (random: () => number) =>
    `mutation { createWorkOrder(idempotencyKey: "storm-${Math.floor(random() * 20)}", input: { modelId: "lx24", trimId: "lx24-base" }) { __typename } }`,
});

test(
  "a storm of clients that do not read, read slowly, freeze, reset, half-close, renew and come again, over every transport, costs others no event and leaves nothing behind",
  async () => {
    const stack = await startStormStack();
    const work = await startHonestWork(stack, { forMs: 2 * STORM_MS });
    const tokens = await Promise.all([
      stack.bearer("ada", 3_600),
      stack.bearer("ada", 7_200),
      stack.bearer("eve", 60),
    ]);
    const { misbehave, thaw } = createStorm({
      port: stack.port,
      tokens: [...tokens, "Bearer none"],
      operations: operationsOn(work.projectIds),
    });
    onTestFinished(thaw);
    const look = async () => ({
      streams: await stack.metric("gateway_subgraph_streams"),
      triggers: await stack.metric("gateway_subscription_triggers"),
      listeners: await stack.metric("gateway_subscriptions_active"),
    });
    const atRest = await look();
    const isAtRest = async () => JSON.stringify(await look()) === JSON.stringify(atRest);
    const storm = async (forMs: number, seed: number) => {
      const until = performance.now() + forMs;
      const rage = async (random: () => number) => {
        while (performance.now() < until) await misbehave(random);
      };
      await Promise.all([
        work.goOn(until),
        ...Array.from({ length: AT_ONCE }, (_, nth) => rage(randomFrom(seed + nth))),
      ]);
      thaw();
      // Those who were cut off are waited for before their streams are let go.
      await waitFor(isAtRest, {
        timeoutMs: 60_000,
        what: "streams, triggers and listeners to be as they were",
      });
      return stack.liveBytes();
    };
    const before = await storm(STORM_MS / 2, 1);
    const after = await storm(STORM_MS, 100);
    const grown = Object.entries(after).filter(([name, bytes]) => bytes > (before[name] ?? 0) * 1.05);
    expect([grown, before]).toEqual([[], before]);
    await expectStormToHaveBeenOne(stack);
    expect(await stack.metric("gateway_waiting_bytes")).toBe(0);
    await work.expectNothingLost();
  },
  STORM_MS * 3 + 150_000,
);

/** That the clients met what they were sent to meet. */
async function expectStormToHaveBeenOne({ metric, database }: StormStack): Promise<void> {
  for (const reason of ["disconnected", "client", "refused"])
    expect(await metric("gateway_subscription_ends_total", `"${reason}"`)).toBeGreaterThan(0);
  const keys = await database.db
    .selectFrom("catalog.idempotency_keys")
    .select(["key", "work_order_id"])
    .where("principal", "=", "ada")
    .where("work_order_id", "is not", null)
    .execute();
  const orders = await database.db
    .selectFrom("catalog.work_orders")
    .select("id")
    .where("created_by", "=", "ada")
    .execute();
  expect(keys.length).toBeGreaterThan(0);
  // One order for each key, and no other.
  expect(orders.length).toBe(keys.length);
  expect(new Set(orders.map(({ id }) => id))).toEqual(
    new Set(keys.map(({ work_order_id }) => work_order_id)),
  );
}
