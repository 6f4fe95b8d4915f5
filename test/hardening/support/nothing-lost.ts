import { expect } from "vitest";
import { waitFor } from "../../../lib/wait.ts";
import { everybody, type GoodClient, type Seen } from "./good-clients.ts";
import type { StormStack } from "./storm-stack.ts";

/** What was done while others stormed. */
export interface Done {
  stack: StormStack;
  clients: readonly GoodClient[];
  projectIds: readonly [changed: string, burning: string];
  /** Budgets that were set, in their order. */
  budgets: number[];
  /** Work orders by the key of their request. */
  orders: Map<string, string>;
}

interface Circuit {
  circuitBreaker: { state: string; transitions: { from: string; to: string; at: string }[] };
}

/** What a good client was told, one after the other, without the repetitions of what has not changed. */
const news = <T>(values: readonly T[]): T[] =>
  values.filter((value, at) => at === 0 || value !== values[at - 1]);

const field = (seen: readonly Seen[], of: (runway: { usdMax: number; usdSpent: number }) => number) =>
  news(
    seen.map(({ data }) =>
      of((data as { budgetRunway: { budget: { usdMax: number; usdSpent: number } } }).budgetRunway.budget),
    ),
  );
export const budgetsSeen = (client: GoodClient) => field(client.events("changes"), ({ usdMax }) => usdMax);
export const circuitSeen = (client: GoodClient) =>
  client.events("circuit").map(({ data }) => (data as unknown as Circuit).circuitBreaker);
const spendingSeen = (client: GoodClient) => field(client.events("burn"), ({ usdSpent }) => usdSpent);

export const runsOf = ({ database }: StormStack, projectId: string) =>
  database.db
    .selectFrom("plms.project_runs")
    .select(["id", "executor_run_id", "status", "usd_spent"])
    .where("project_id", "=", projectId)
    .execute();

/** Holds what clients got against the database and the executor. */
export async function expectNothingLost({
  stack,
  clients,
  projectIds,
  budgets,
  orders,
}: Done): Promise<void> {
  const [changed, burning] = projectIds;
  await waitFor(async () => (await runsOf(stack, burning)).every(({ status }) => status === "completed"), {
    timeoutMs: 120_000,
    what: "the run to end",
  });
  const spent = await spendingOf(stack, burning);
  const alerts = await alertsOf(stack, changed);
  const transitions = await transitionsOf(stack);
  const trips = transitions.filter(({ to }) => to === "OPEN");
  expect([budgets.length, spent.length, trips.length].every((count) => count > 1)).toBe(true);
  await everybody(
    clients,
    "to see the end of the run",
    (client) => spendingSeen(client).at(-1) === spent.at(-1),
  );
  for (const client of clients) {
    const { transport, events, troubles } = client;
    expect([transport, troubles()]).toEqual([transport, []]);
    const all = ["changes", "alerts", "burn", "circuit"].flatMap((name) => events(name));
    expect([transport, all.filter(({ errors, extensions }) => errors ?? extensions?.gap)]).toEqual([
      transport,
      [],
    ]);
    expect([transport, budgetsSeen(client)]).toEqual([transport, [1_000_000, ...budgets]]);
    expect([transport, alertsSeen(client)]).toEqual([transport, alerts]);
    expect([transport, transitionsSeen(client)]).toEqual([transport, transitions]);
    // A value may be left out for a later one; none is made up, repeated or out of order.
    const seen = spendingSeen(client);
    expect([transport, seen]).toEqual([transport, [0, ...spent].filter((usd) => seen.includes(usd))]);
    for (const name of ["changes", "alerts", "burn", "circuit"]) {
      const ids = events(name).map(({ extensions }) => extensions?.eventId);
      expect([transport, name, ids.length]).toEqual([transport, name, new Set(ids).size]);
    }
  }
  const stored = await stack.database.db
    .selectFrom("catalog.work_orders")
    .select("id")
    .where("created_by", "=", "local-admin")
    .orderBy("id")
    .execute();
  expect(stored.map(({ id }) => id)).toEqual([...orders.values()]);
}

/** What the run had spent after each of the receipts that are stored, which is what the executor says in the end. */
async function spendingOf(stack: StormStack, projectId: string): Promise<number[]> {
  const [run] = await runsOf(stack, projectId);
  const receipts = await stack.database.db
    .selectFrom("plms.receipts")
    .select("cost_usd")
    .where("run_id", "=", run?.id ?? "")
    .orderBy("id")
    .execute();
  let micros = 0;
  const spent = receipts.map(({ cost_usd }) => (micros += Math.round(Number(cost_usd) * 1e6)) / 1e6);
  const view = (await (await fetch(`${stack.fleet.urls.pas}/pas/runs/${run?.executor_run_id}`)).json()) as {
    spend_usd: number;
  };
  expect(spent.at(-1)).toBeCloseTo(view.spend_usd, 6);
  return spent;
}

async function alertsOf({ database }: StormStack, projectId: string): Promise<string[]> {
  const rows = await database.db
    .selectFrom("plms.alerts")
    .select("id")
    .where("project_id", "=", projectId)
    .orderBy("id")
    .execute();
  return rows.flatMap(({ id }) => [`${id} FIRING`, `${id} RESOLVED`]);
}

const alertsSeen = (client: GoodClient) =>
  client.events("alerts").map(({ data }) => {
    const { id, state } = (data as { projectAlert: { id: string; state: string } }).projectAlert;
    return `${id} ${state}`;
  });

async function transitionsOf({ database }: StormStack) {
  const rows = await database.db
    .selectFrom("catalog.circuit_transitions")
    .selectAll()
    .orderBy("id")
    .execute();
  return rows.map(({ from_state, to_state, at }) => ({
    from: from_state.toUpperCase(),
    to: to_state.toUpperCase(),
    at: at.toISOString(),
  }));
}

/** The history that a client can put together of what each event tells of it. */
function transitionsSeen(client: GoodClient) {
  const known = new Map<string, Circuit["circuitBreaker"]["transitions"][number]>();
  for (const { transitions } of circuitSeen(client))
    for (const transition of transitions.toReversed()) known.set(JSON.stringify(transition), transition);
  return [...known.values()];
}
