import { parse, type OperationDefinitionNode } from "graphql";
import { afterEach, describe, expect, test } from "vitest";
import { readHistory } from "../../gateway/edge/history.ts";
import { LogHistogram } from "../../gateway/edge/log-histogram.ts";
import { createMinutes } from "../../gateway/edge/minutes.ts";
import { waitFor } from "../../lib/wait.ts";
import { createTestClock } from "../plms/support.ts";
import { collect } from "./support/collect.ts";
import { bearer, startGateway, type TestGateway } from "./support/start-gateway.ts";

const MINUTE_MS = 60_000;

const operationOf = (text: string): OperationDefinitionNode =>
  parse(text).definitions[0] as OperationDefinitionNode;

describe("durations by their length", () => {
  test("tell quantiles to an eighth, whatever their size", () => {
    const durations = new LogHistogram();
    for (let ms = 1; ms <= 1_000; ms += 1) durations.add(ms);
    for (const share of [0.1, 0.5, 0.95, 0.99]) {
      const ratio = (durations.quantileMs(share) ?? 0) / (share * 1_000);
      expect(ratio).toBeGreaterThan(7 / 8);
      expect(ratio).toBeLessThan(8 / 7);
    }
    expect(new LogHistogram().quantileMs(0.5)).toBeNull();
  });

  test("are told as bars of octaves that add up to all of them", () => {
    const durations = new LogHistogram();
    for (const ms of [0, 0.9, 1, 1.5, 3, 1e9]) durations.add(ms);
    const bars = durations.bars();
    expect(bars.reduce((sum, { count }) => sum + count, 0)).toBe(6);
    expect(bars.find(({ upToMs }) => upToMs === 1)?.count).toBe(2);
    expect(bars.find(({ upToMs }) => upToMs === 2)?.count).toBe(1);
  });
});

describe("the minutes of a gateway", () => {
  const start = () => {
    const clock = createTestClock();
    const minutes = createMinutes(clock);
    const read = (agoMinutes: number, to?: Date) =>
      readHistory(minutes, clock, {
        from: new Date(clock.now().getTime() - agoMinutes * MINUTE_MS),
        to,
      });
    return { clock, minutes, read };
  };
  const boats = operationOf("query Boats { boat { name } }");

  test("are counted in the range that is asked for, and in no other", () => {
    const { clock, minutes, read } = start();
    minutes.operation(boats, { failed: true, durationMs: 100 });
    clock.advance(30 * MINUTE_MS);
    minutes.operation(boats, { failed: false, durationMs: 10 });
    minutes.operation(undefined, { failed: true, durationMs: 1 });
    const quarter = read(15);
    expect(quarter.points).toHaveLength(16);
    expect(quarter.points.at(-1)).toMatchObject({ operations: 2, failed: 1, events: 0, lagP95Ms: null });
    expect(quarter.operations).toMatchObject([{ name: "Boats", calls: 1, failed: 0, maxMs: 10 }]);
    expect(read(60).operations).toMatchObject([
      { name: "Boats", kind: "query", calls: 2, failed: 1, totalMs: 110, maxMs: 100 },
    ]);
  });

  test("are forgotten after six hours, which is said to whoever asks for more", () => {
    const { clock, minutes, read } = start();
    minutes.delivered(7);
    clock.advance(360 * MINUTE_MS);
    minutes.delivered(1);
    const whole = read(360);
    expect(whole.points.length).toBeLessThanOrEqual(90);
    expect(whole.points.reduce((sum, { events }) => sum + events, 0)).toBe(1);
    expect(() => read(362)).toThrow(/from.*expected the last 360 minutes/);
  });

  test("tell 64 operations and 16 callers apart, and add up the others", () => {
    const { minutes, read } = start();
    for (let n = 0; n < 200; n += 1) {
      minutes.operation(operationOf(`query Q${n} { a }`), { failed: false, durationMs: n });
      minutes.limited(`default caller-${n}`);
    }
    const { operations, limited } = read(1);
    expect(operations).toHaveLength(65);
    expect(operations.find(({ name }) => name === "(others)")).toMatchObject({ calls: 136, maxMs: 199 });
    expect(limited).toHaveLength(17);
    expect(limited[0]).toEqual({ caller: "(others)", refusals: 184 });
  });

  test("tell of each subgraph how often it was called and how fast it was", () => {
    const { minutes, read } = start();
    minutes.subgraphCall("yard", "answered", 8);
    minutes.subgraphCall("yard", "failed", 500);
    minutes.subgraphCall("fleet", "answered", 1);
    expect(read(1).points.at(-1)?.subgraphs).toEqual([
      { name: "fleet", calls: 1, failures: 0, p95Ms: expect.closeTo(1, 0) },
      { name: "yard", calls: 2, failures: 1, p95Ms: expect.closeTo(480, -2) },
    ]);
  });
});

describe("the history of gatewayHealth", () => {
  const open: TestGateway[] = [];
  afterEach(async () => {
    for (const gateway of open.splice(0)) await gateway.close();
  });
  const start = async (env: Record<string, string> = {}) => {
    const gateway = await startGateway(env);
    open.push(gateway);
    return gateway;
  };
  const ask = async (gateway: TestGateway, selection: string, scopes = ["plm.admin"]) => {
    const authorization = await bearer({ scopes });
    const variables = { from: new Date(Date.now() - 5 * MINUTE_MS).toISOString() };
    const query = `query ($from: DateTime!) { gatewayHealth { history(from: $from) { from } ${selection} } }`;
    const { body } = await gateway.post({ query, variables }, { authorization });
    return { health: body.data?.["gatewayHealth"] as Record<string, never>, errors: body.errors };
  };

  test("has the operations of every transport, the events and their lag, and the calls to subgraphs", async () => {
    const gateway = await start();
    await gateway.post({ query: `query Boats { boat(id: "b1") { name } }` });
    await gateway.post({ query: "{ broken }" });
    const client = gateway.socketClient();
    const stream = collect(client, `subscription Moves { boatMoved(id: "b1") { miles } }`);
    await waitFor(() => stream.results.length === 1);
    const { health } = await ask(
      gateway,
      `recent: history(from: $from) { points { operations failed events p95Ms subgraphs { name } }
        operations(first: 5) { name kind calls failed averageMs } lag { upToMs count } }
      streams { name field listeners events }`,
      ["portfolio.view"],
    );
    const { points, operations, lag } = health["recent"] as unknown as {
      points: { operations: number; failed: number; events: number; subgraphs: { name: string }[] }[];
      operations: object[];
      lag: { count: number }[];
    };
    const total = (of: (point: (typeof points)[number]) => number) =>
      points.reduce((sum, each) => sum + of(each), 0);
    expect(total(({ operations: count }) => count)).toBe(3);
    expect(total(({ failed }) => failed)).toBe(1);
    expect(total(({ events }) => events)).toBe(1);
    expect(operations).toContainEqual(
      expect.objectContaining({ name: "Boats", kind: "query", calls: 1, failed: 0 }),
    );
    expect(operations).toContainEqual(expect.objectContaining({ name: "{ broken }", failed: 1 }));
    expect(lag.reduce((sum, { count }) => sum + count, 0)).toBe(1);
    expect(health["streams"]).toEqual([{ name: "Moves", field: "boatMoved", listeners: 1, events: 1 }]);
  });

  test("names whom the rate limit has refused, to administrators alone", async () => {
    const gateway = await start({ RATE_LIMIT_PER_SECOND: "1", RATE_LIMIT_BURST: "2" });
    const headers = { authorization: await bearer({ subject: "greedy" }) };
    for (let n = 0; n < 5; n += 1) await gateway.post({ query: "{ __typename }" }, headers);
    const selection = "recent: history(from: $from) { limited { caller refusals } }";
    const { health } = await ask(gateway, selection);
    expect(health["recent"]).toEqual({ limited: [{ caller: "default greedy", refusals: 3 }] });
    const { errors } = await ask(gateway, selection, ["portfolio.view"]);
    expect(errors?.[0]?.extensions?.["code"]).toBe("FORBIDDEN");
  });

  test("shows the plan of an operation that was asked, in words", async () => {
    const gateway = await start();
    await gateway.post({ query: `query Boats { boat(id: "b1") { name hull { material } } }` });
    const { health } = await ask(
      gateway,
      `known: operationPlan(name: "Boats") unknown: operationPlan(name: "Nobody")`,
    );
    expect(health["known"]).toMatch(
      /^one after the other:\n {2}fleet\n.*\n {2}yard, for the entities at boat/s,
    );
    expect(health["unknown"]).toBeNull();
    const { errors } = await ask(gateway, `operationPlan(name: "")`);
    expect(errors?.[0]?.message).toBe('operationPlan.name: "" is not allowed; expected 1 to 80 characters');
  });
});
