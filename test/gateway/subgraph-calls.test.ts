import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { createRemoteEndpoint, type RemoteEndpoint } from "../../gateway/transport/remote-endpoint.ts";
import { systemClock } from "../../lib/clock.ts";
import type { Caller } from "../../lib/graphql-endpoint.ts";
import { quietLog } from "../support/quiet-log.ts";
import { waitFor } from "../../lib/wait.ts";
import { plainOptions, startMeter, transportSettings } from "./support/sick-subgraph.ts";

const callerOf = (subject: string, correlationId = "c"): Caller => ({
  identity: { subject, scopes: [], role: "operator", departments: [], tenant: "default" },
  correlationId,
});

describe("calls to a subgraph", () => {
  const open: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of open.splice(0)) await close();
  });

  /** A subgraph that drops its first callers, then answers, always a little late. */
  async function subgraph(
    drops = 0,
    writes = { ended: 0 },
    answersAfterMs = 20,
  ): Promise<{ endpoint: RemoteEndpoint; calls: () => number }> {
    let calls = 0;
    const server = createServer((request, response) => {
      calls++;
      if (calls <= drops) {
        request.socket.destroy();
      } else {
        request.resume();
        setTimeout(() => response.end('{"data":{"ok":true}}'), answersAfterMs);
      }
    });
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    const { port } = server.address() as AddressInfo;
    const endpoint = createRemoteEndpoint(
      {
        name: "sample",
        url: `http://127.0.0.1:${port}/graphql`,
        ...plainOptions,
        settings: transportSettings({ SUBGRAPH_CIRCUIT_THRESHOLD: "1000" }),
      },
      {
        clock: systemClock,
        log: quietLog,
        random: Math.random,
        onChange: () => {},
        writes,
        ...startMeter("sample"),
      },
    );
    open.push(
      () => endpoint.close(),
      async () => server.close(),
    );
    return { endpoint, calls: () => calls };
  }

  test("repeat a query once when nobody answered", async () => {
    const { endpoint, calls } = await subgraph(1);
    const result = await endpoint.execute({ query: "{ ok }", caller: callerOf("ada") });
    expect(result.data).toEqual({ ok: true });
    expect(calls()).toBe(2);
  });

  test.each([
    ["in the text", `mutation { go(idempotencyKey: "k1") }`],
    ["in a variable that cannot be null", "mutation ($k: String!) { go(idempotencyKey: $k) }"],
  ])("repeat a mutation once when it carries an idempotency key %s", async (_where, query) => {
    const { endpoint, calls } = await subgraph(1);
    const result = await endpoint.execute({ query, variables: { k: "k1" }, caller: callerOf("ada") });
    expect(result.data).toEqual({ ok: true });
    expect(calls()).toBe(2);
  });

  test.each([
    ["no key", "mutation { go }"],
    ["a key that may be null", "mutation ($k: String) { go(idempotencyKey: $k) }"],
    ["a field without a key beside one that has one", `mutation { go(idempotencyKey: "k1") stop }`],
  ])("never repeat a mutation with %s", async (_what, query) => {
    const { endpoint, calls } = await subgraph(1);
    await expect(endpoint.execute({ query, caller: callerOf("ada") })).rejects.toThrow("cannot be reached");
    expect(calls()).toBe(1);
  });

  test("stop repeating when nobody ever answers", async () => {
    const { endpoint, calls } = await subgraph(1_000);
    for (let n = 0; n < 40; n++)
      await endpoint.execute({ query: "{ ok }", caller: callerOf("ada") }).catch(() => {});
    expect(calls()).toBeLessThanOrEqual(40 + 10 + 4);
  });

  const ask = (endpoint: RemoteEndpoint, caller: Caller, query = "{ ok }") =>
    endpoint.execute({ query, caller });

  test("share one answer when they are equal in body, identity and every header", async () => {
    const { endpoint, calls } = await subgraph();
    await Promise.all([
      ask(endpoint, callerOf("ada")),
      ask(endpoint, callerOf("ada")),
      ask(endpoint, callerOf("ada")),
    ]);
    expect(calls()).toBe(1);
  });

  test("are not joined by a read that comes after a mutation, although the read before it is under way", async () => {
    const { endpoint, calls } = await subgraph();
    const before = ask(endpoint, callerOf("ada"));
    await ask(endpoint, callerOf("ada"), "mutation { go }");
    const [after, beside] = [ask(endpoint, callerOf("ada")), ask(endpoint, callerOf("ada"))];
    await Promise.all([before, after, beside]);
    expect(calls()).toBe(3);
  });

  test("are not joined by a read that comes after a mutation at another subgraph", async () => {
    const writes = { ended: 0 };
    const [read, written] = [await subgraph(0, writes), await subgraph(0, writes)];
    const before = ask(read.endpoint, callerOf("ada"));
    await ask(written.endpoint, callerOf("ada"), "mutation { go }");
    await Promise.all([before, ask(read.endpoint, callerOf("ada"))]);
    expect(read.calls()).toBe(2);
  });

  test("fail whoever joined at its own deadline, while the first caller gets the answer", async () => {
    const { endpoint } = await subgraph();
    const first = ask(endpoint, callerOf("ada"));
    const hurried = ask(endpoint, { ...callerOf("ada"), deadlineAtMs: performance.now() + 5 });
    await expect(hurried).rejects.toThrow("ran out of time");
    await expect(first).resolves.toEqual({ data: { ok: true } });
  });

  test("are made again for those who have time left when the first caller has none", async () => {
    const { endpoint, calls } = await subgraph(0, undefined, 400);
    const hurried = ask(endpoint, { ...callerOf("ada"), deadlineAtMs: performance.now() + 200 });
    const patient = () => ask(endpoint, { ...callerOf("ada"), deadlineAtMs: performance.now() + 5_000 });
    const [one, other] = [patient(), patient()];
    await waitFor(() => calls() === 1);
    await expect(hurried).rejects.toThrow("ran out of time");
    await expect(Promise.all([one, other])).resolves.toEqual([
      { data: { ok: true } },
      { data: { ok: true } },
    ]);
    expect(calls()).toBe(2);
  });

  test("share one answer although each request got a correlation id of its own from the gateway", async () => {
    const { endpoint, calls } = await subgraph();
    const made = (id: string) => ({ ...callerOf("ada", id), isCorrelationOurs: true });
    await Promise.all([
      ask(endpoint, made("m-1")),
      ask(endpoint, made("m-2")),
      ask(endpoint, callerOf("ada")),
    ]);
    expect(calls()).toBe(2);
  });

  test.each([
    ["identity", callerOf("bob"), "{ ok }"],
    ["correlation id", callerOf("ada", "other"), "{ ok }"],
    ["body", callerOf("ada"), "{ ok: fine }"],
  ])("share nothing when they differ in their %s", async (_what, other, query) => {
    const { endpoint, calls } = await subgraph();
    await Promise.all([ask(endpoint, callerOf("ada")), ask(endpoint, other, query)]);
    expect(calls()).toBe(2);
  });

  test("share nothing when they are mutations", async () => {
    const { endpoint, calls } = await subgraph();
    await Promise.all([1, 2].map(() => ask(endpoint, callerOf("ada"), "mutation { go }")));
    expect(calls()).toBe(2);
  });
});
