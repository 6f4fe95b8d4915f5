import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { createAddressOf } from "../../gateway/limits/client-address.ts";
import { createRateLimiter } from "../../gateway/limits/rate-limiter.ts";
import type { SharedBuckets } from "../../gateway/limits/shared-buckets.ts";
import { createManualClock } from "../catalog/support.ts";
import { bearer, startGateway, type TestGateway } from "../gateway/support/start-gateway.ts";
import { rawClient, type RawClient } from "../subscriptions/support/raw-client.ts";
import { waitFor } from "../../lib/wait.ts";
import { codesOf, TRANSPORTS, type Reply } from "./support/transports.ts";

describe("a token bucket", () => {
  const start = (shared?: SharedBuckets) => {
    const clock = createManualClock();
    const limiter = createRateLimiter({ perSecond: 10, burst: 3 }, { clock, shared });
    onTestFinished(() => limiter.close());
    const taken = (key = "ada") => limiter.take(key) === 0;
    return { clock, limiter, taken };
  };

  test("gives a burst at once, then refills evenly and says how long that takes", () => {
    const { clock, limiter, taken } = start();
    expect([taken(), taken(), taken(), taken()]).toEqual([true, true, true, false]);
    expect(limiter.take("ada")).toBe(100);
    clock.advance(99);
    expect(taken()).toBe(false);
    clock.advance(1);
    expect([taken(), taken()]).toEqual([true, false]);
  });

  test("never saves up more than the burst", () => {
    const { clock, taken } = start();
    taken();
    clock.advance(3_600_000);
    expect([taken(), taken(), taken(), taken()]).toEqual([true, true, true, false]);
  });

  test("counts everybody for themselves", () => {
    const { taken } = start();
    for (let i = 0; i < 4; i++) taken();
    expect(taken("grace")).toBe(true);
  });

  test("takes over what the other replicas have taken, and goes on alone when they cannot be told", async () => {
    const others = { left: undefined as number | undefined, told: 0 };
    const { taken } = start({
      spend: async (spent) => {
        others.told += spent.length;
        return others.left === undefined ? undefined : spent.map(() => others.left as number);
      },
      problem: () => undefined,
      close: async () => {},
    });
    expect(taken()).toBe(true);
    await waitFor(() => others.told === 1);
    expect(taken()).toBe(true);
    others.left = 0;
    await waitFor(() => others.told === 2);
    expect(taken()).toBe(false);
  });
});

describe("the address of a client", () => {
  const request = (peer: string, forwarded?: string) =>
    ({ socket: { remoteAddress: peer }, headers: { "x-forwarded-for": forwarded } }) as never;

  test.each([
    ["is its peer's", [], "10.0.0.1", "1.2.3.4", "10.0.0.1"],
    ["is what a trusted proxy says", ["10.0.0.0/8"], "10.0.0.1", "1.2.3.4", "1.2.3.4"],
    [
      "is the last that no trusted proxy added",
      ["10.0.0.0/8"],
      "10.0.0.1",
      "6.6.6.6, 1.2.3.4, 10.0.0.2",
      "1.2.3.4",
    ],
    ["is the proxy's when the header is rubbish", ["10.0.0.1"], "10.0.0.1", "<script>", "10.0.0.1"],
    ["is the peer's when that is no trusted proxy", ["10.0.0.0/8"], "9.9.9.9", "1.2.3.4", "9.9.9.9"],
    ["is found through an IPv6 socket", ["10.0.0.1"], "::ffff:10.0.0.1", "2001:db8::1", "2001:db8::1"],
  ])("G19: %s", (_what, proxies, peer, forwarded, client) => {
    expect(createAddressOf(proxies)(request(peer, forwarded))).toBe(client);
  });
});

/** Asks as often as it takes: a machine that is busy with others gives tokens back meanwhile. */
async function untilRefused(ask: () => Promise<Reply>): Promise<Reply> {
  for (let times = 0; times < 100; times++) {
    const replies = await Promise.all([ask(), ask(), ask(), ask()]);
    const refused = replies.find(({ errors }) => errors.length > 0);
    if (refused) return refused;
  }
  throw new Error("never refused");
}

describe("the rate limit of a gateway", () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway({ RATE_LIMIT_PER_SECOND: "1", RATE_LIMIT_BURST: "3" });
  });
  afterAll(() => gateway.close());

  test.each(Object.entries(TRANSPORTS))(
    "refuses the fourth operation of a burst over %s, by user",
    async (name, ask) => {
      const question = { query: "{ whoAmI }", authorization: await bearer({ subject: name }) };
      const refused = await untilRefused(() => ask(gateway.url, question));
      expect(codesOf(refused)).toEqual(["RATE_LIMITED"]);
      expect(refused.errors[0]?.extensions).toMatchObject({
        limit: "rate",
        retryable: true,
        allowed: "1 a second, 3 at once",
      });
      const { status = 429, retryAfter = "1" } = refused;
      expect({ status, retryAfter }).toEqual({ status: 429, retryAfter: "1" });
      const other = { ...question, authorization: await bearer({ subject: `not ${name}` }) };
      expect((await ask(gateway.url, other)).errors).toEqual([]);
    },
  );

  test.each([
    ["of the protocol", (client: RawClient) => client.send({ type: "ping" })],
    ["of WebSocket itself", ({ socket }: RawClient) => socket.ping()],
  ])("counts pings %s, and sends a client away that has sent too many", async (which, ping) => {
    const authorization = await bearer({ subject: `pings ${which}` });
    const client = await rawClient(`${gateway.url.replace("http", "ws")}/graphql`, { authorization });
    for (let sent = 0; sent < 20; sent++) ping(client);
    expect(await client.closed()).toEqual({ code: 1013, reason: "Too many messages (rate)" });
  });

  test("is one for all transports together", async () => {
    const question = { query: "{ whoAmI }", authorization: await bearer({ subject: "everywhere" }) };
    for (const name of ["SSE", "WebSocket", "GET"]) await TRANSPORTS[name]?.(gateway.url, question);
    for (const ask of Object.values(TRANSPORTS))
      expect(codesOf(await untilRefused(() => ask(gateway.url, question)))).toEqual(["RATE_LIMITED"]);
  });

  test("counts what it refuses, and nothing twice", async () => {
    const refusals = async () => {
      const text = await (await fetch(`${gateway.url}/metrics`)).text();
      return Number(/gateway_limit_refusals_total\{limit="rate"\} (\d+)/.exec(text)?.[1] ?? 0);
    };
    const before = await refusals();
    const authorization = await bearer({ subject: "counted" });
    const statuses: number[] = [];
    for (let i = 0; i < 5; i++)
      statuses.push((await gateway.post({ query: "{ whoAmI }" }, { authorization })).status);
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
    expect((await refusals()) - before).toBe(2);
  });
});

describe("the rate limit of callers without a name", () => {
  const flood = async (gateway: TestGateway, headers: (index: number) => Record<string, string>) => {
    const statuses: number[] = [];
    for (let i = 0; i < 4; i++)
      statuses.push((await gateway.post({ query: "{ whoAmI }" }, headers(i))).status);
    return statuses;
  };
  const start = async (env: Record<string, string> = {}) => {
    const gateway = await startGateway({ RATE_LIMIT_PER_SECOND: "1", RATE_LIMIT_BURST: "3", ...env });
    onTestFinished(() => gateway.close());
    return gateway;
  };
  const spoofed = (index: number) => ({
    "x-forwarded-for": `1.2.3.${index}`,
    forwarded: `for=1.2.3.${index}`,
  });

  test("G19: goes by address, and X-Forwarded-For does not change it", async () => {
    expect(await flood(await start(), spoofed)).toEqual([200, 200, 200, 429]);
  });

  test("G19: goes by X-Forwarded-For behind a proxy that is trusted", async () => {
    const gateway = await start({ TRUSTED_PROXIES: "127.0.0.0/8" });
    expect(await flood(gateway, spoofed)).toEqual([200, 200, 200, 200]);
    expect(await flood(gateway, () => ({ "x-forwarded-for": "5.6.7.8" }))).toEqual([200, 200, 200, 429]);
  });

  test("holds for those who guess tokens, too", async () => {
    const guess = (index: number) => ({
      authorization: `Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.${index}`,
    });
    expect(await flood(await start(), guess)).toEqual([401, 401, 401, 429]);
  });

  test("holds locally while Redis is away, which /readyz says without being unready", async () => {
    const gateway = await start({ REDIS_URL: "redis://127.0.0.1:1" });
    expect(await flood(gateway, () => ({}))).toEqual([200, 200, 200, 429]);
    await waitFor(async () => {
      const response = await fetch(`${gateway.url}/readyz`);
      const { status, checks } = (await response.json()) as {
        status: string;
        checks: Record<string, string>;
      };
      const problem = checks["sharedLimits"];
      return (
        response.status === 200 && status === "degraded" && problem === "Redis cannot be used (ECONNREFUSED)"
      );
    });
  });

  test("can be switched off", async () => {
    expect(await flood(await start({ RATE_LIMIT_PER_SECOND: "0" }), () => ({}))).toEqual([
      200, 200, 200, 200,
    ]);
  });
});

describe.runIf(process.env["REDIS_URL"])("two replicas with Redis", () => {
  test("give one identity no more than one of them would", async () => {
    const env = {
      RATE_LIMIT_PER_SECOND: "1",
      RATE_LIMIT_BURST: "20",
      REDIS_URL: process.env["REDIS_URL"] ?? "",
    };
    const replicas = [await startGateway(env), await startGateway(env)] as const;
    onTestFinished(async () => void (await Promise.all(replicas.map((replica) => replica.close()))));
    for (const { url } of replicas)
      await waitFor(async () => (await (await fetch(`${url}/readyz`)).text()).includes('"status":"ok"'));
    const headers = { authorization: await bearer({ subject: `shared ${crypto.randomUUID()}` }) };
    const ask = async (replica: TestGateway) => (await replica.post({ query: "{ whoAmI }" }, headers)).status;
    for (let i = 0; i < 19; i++) expect(await ask(replicas[0])).toBe(200);
    // The other one hears of it within a moment; until then it gives what it takes to find out.
    let given = 0;
    await waitFor(async () => {
      const status = await ask(replicas[1]);
      if (status === 200) given += 1;
      return status === 429;
    });
    expect(given).toBeLessThan(20);
    await waitFor(async () => (await ask(replicas[0])) === 429);
  });
});
