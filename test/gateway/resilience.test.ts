import { describe, expect, onTestFinished, test } from "vitest";
import { createRemoteEndpoint } from "../../gateway/transport/remote-endpoint.ts";
import { systemClock } from "../../lib/clock.ts";
import { isCodedError } from "../../lib/errors.ts";
import { anonymous } from "../../lib/identity.ts";
import { quietLog } from "../support/quiet-log.ts";
import { waitFor } from "../../lib/wait.ts";
import {
  answers,
  hangs,
  resets,
  startMeter,
  startSickSubgraph,
  transportSettings,
  plainOptions,
  type Reply,
} from "./support/sick-subgraph.ts";

const OK = answers({ data: { ok: true } });
const caller = { identity: anonymous([]), correlationId: "c" };

async function start(reply: Reply, env: Record<string, string> = {}) {
  const subgraph = await startSickSubgraph(reply);
  const changes: boolean[] = [];
  const { meter, limits, value } = startMeter("yard");
  const endpoint = createRemoteEndpoint(
    { ...plainOptions, name: "yard", url: subgraph.url, settings: transportSettings(env) },
    {
      clock: systemClock,
      log: quietLog,
      random: () => 0,
      meter,
      writes: { ended: 0 },
      onChange: () => changes.push(endpoint.guard.health().reachable),
    },
  );
  onTestFinished(() => endpoint.close());
  const ask = (query = "{ ok }", deadlineAtMs?: number) =>
    endpoint.execute({ query, caller: { ...caller, deadlineAtMs } });
  /** Each with its own text, so that none is merged with another. */
  const askMany = (count: number) =>
    Promise.all(
      Array.from({ length: count }, (_, n) => ask(`{ ok${n}: ok }`).catch((error: unknown) => error)),
    );
  return { subgraph, endpoint, ask, askMany, changes, limits, value, health: () => endpoint.guard.health() };
}

const QUICK = { SUBGRAPH_CIRCUIT_THRESHOLD: "2", SUBGRAPH_CIRCUIT_OPEN_MS: "50" };

describe("the deadline of a call to a subgraph", () => {
  test("is the subgraph's own limit, or what is left of the operation's time if that is less, and is handed down", async () => {
    const { subgraph, ask } = await start(OK, { SUBGRAPH_TIMEOUT_MS: "5000" });
    await ask();
    await ask("{ soon: ok }", performance.now() + 800);
    const [own, left] = subgraph.headers().map((headers) => Number(headers["x-deadline-ms"]));
    expect(own).toBe(5_000);
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(800);
  });

  test("G13: ends the wait for an answer that drips, and gives the connection up", async () => {
    let cut = false;
    const drips: Reply = (response) => {
      const dripping = setInterval(() => response.write(" "), 10);
      response.on("close", () => {
        cut = true;
        clearInterval(dripping);
      });
    };
    const { ask } = await start(drips, { SUBGRAPH_TIMEOUT_MS: "100" });
    await expect(ask()).rejects.toMatchObject({ code: "SUBGRAPH_TIMEOUT", details: { retryable: true } });
    await waitFor(() => cut, { what: "the connection to be given up" });
  });

  test("holds for calls that wait for a connection too", async () => {
    const { askMany, subgraph } = await start(hangs, {
      SUBGRAPH_TIMEOUT_MS: "60",
      SUBGRAPH_MAX_CONCURRENT: "1",
    });
    expect(codesOf(await askMany(3))).toEqual(["SUBGRAPH_TIMEOUT"]);
    expect(subgraph.calls()).toBeLessThan(3);
  });

  test("that has passed before the call spares the subgraph, and is not held against it", async () => {
    const { ask, subgraph, health } = await start(OK);
    await expect(ask("{ ok }", performance.now() - 1)).rejects.toThrow("ran out of time");
    expect(subgraph.calls()).toBe(0);
    expect(health().circuit.failuresInWindow).toBe(0);
  });
});

describe("the answer of a subgraph", () => {
  test.each<[string, Reply]>([
    [
      "that declares its size",
      (response) => response.setHeader("content-length", 100 * 1_048_576).write("{"),
    ],
    ["that just goes on", (response) => pour(response)],
  ])("G13: is cut off at the limit when it has 100 MB, one %s", async (_how, reply) => {
    const { ask } = await start(reply, { SUBGRAPH_RESPONSE_LIMIT_BYTES: "65536" });
    await expect(ask()).rejects.toMatchObject({
      code: "SUBGRAPH_UNAVAILABLE",
      message: 'The subgraph "yard" answered with more than 65536 bytes; ask for less at a time',
    });
  });

  test.each<[string, Reply]>([
    ["HTML", (response) => response.end("<html>")],
    ["half an answer", (response) => response.end('{"data":{"ok":')],
    ["nothing", (response) => response.end()],
    ["a status without a result", (response) => response.writeHead(502).end("{}")],
  ])("counts as missing when it is %s", async (_what, reply) => {
    const { ask, health } = await start(reply);
    await expect(ask()).rejects.toMatchObject({ code: "SUBGRAPH_UNAVAILABLE" });
    expect(health()).toMatchObject({ reachable: false, failures: 2 });
  });

  test("counts as an answer when it says what is wrong, whatever its status", async () => {
    const { ask, health } = await start((response) =>
      response.writeHead(500).end('{"errors":[{"message":"no"}]}'),
    );
    expect((await ask()).errors).toMatchObject([{ message: "no" }]);
    expect(health()).toMatchObject({ reachable: true, failures: 0 });
  });
});

describe("the circuit before a subgraph", () => {
  test("opens when failures outnumber answers, and refuses at once with a reason and a time", async () => {
    const { askMany, ask, subgraph, health } = await start(resets, { SUBGRAPH_CIRCUIT_THRESHOLD: "5" });
    await askMany(5);
    const before = subgraph.calls();
    await expect(ask()).rejects.toMatchObject({
      code: "SUBGRAPH_UNAVAILABLE",
      message: 'The subgraph "yard" is not asked at the moment, because it failed too often',
      details: { retryable: true, retryAfterMs: expect.any(Number) },
    });
    expect(subgraph.calls()).toBe(before);
    expect(health().circuit).toMatchObject({ state: "OPEN", threshold: 5, windowSeconds: 30 });
  });

  test("stays closed through failures among many more answers", async () => {
    const { ask, subgraph, health } = await start(OK, { SUBGRAPH_CIRCUIT_THRESHOLD: "3" });
    for (let round = 0; round < 4; round++) {
      subgraph.behave(resets);
      await ask().catch(() => {});
      subgraph.behave(OK);
      await ask();
      await ask("{ again: ok }");
    }
    expect(health().circuit.state).toBe("CLOSED");
  });

  test("heals by a probe of its own without any caller, and tells each change", async () => {
    const { askMany, subgraph, health, changes } = await start(resets, QUICK);
    await askMany(2);
    expect(health().circuit.state).toBe("OPEN");
    subgraph.behave(OK);
    await waitFor(() => health().circuit.state === "CLOSED");
    expect(subgraph.probes()).toBeGreaterThan(0);
    const moves = health().transitions.map(({ from, to }) => `${from} > ${to}`);
    expect(moves.toReversed().slice(0, 2)).toEqual(["CLOSED > OPEN", "OPEN > HALF_OPEN"]);
    expect(moves[0]).toBe("HALF_OPEN > CLOSED");
    expect(changes.at(-1)).toBe(true);
  });

  test("refuses callers while a probe is under way instead of letting them queue behind it", async () => {
    const { askMany, subgraph, health } = await start(resets, { ...QUICK, SUBGRAPH_TIMEOUT_MS: "400" });
    await askMany(2);
    subgraph.behave(hangs);
    await waitFor(() => health().circuit.state === "HALF_OPEN" && subgraph.probes() > 0);
    const [before, startedMs] = [subgraph.calls(), performance.now()];
    const refused = await askMany(20);
    expect(performance.now() - startedMs).toBeLessThan(300);
    expect(codesOf(refused)).toEqual(["SUBGRAPH_UNAVAILABLE"]);
    expect(subgraph.calls()).toBe(before);
  });
});

describe("calls beyond what a subgraph may have waiting", () => {
  test("are refused at once, and are not held against it", async () => {
    const { askMany, subgraph, health } = await start(hangs, {
      SUBGRAPH_MAX_CONCURRENT: "2",
      SUBGRAPH_MAX_WAITING: "1",
      SUBGRAPH_TIMEOUT_MS: "300",
    });
    const outcomes = askMany(5);
    await waitFor(() => subgraph.calls() === 2);
    expect(health().callsInFlight).toBe(3);
    const messages = (await outcomes).map(String).filter((message) => message.includes("too many calls"));
    expect(messages).toHaveLength(2);
    expect(health().circuit.failuresInWindow).toBeLessThanOrEqual(3);
  });
});

describe("the health of a subgraph", () => {
  test("tells how fast it answers, when it last did, and why it last did not", async () => {
    const { ask, subgraph, health } = await start(OK);
    expect(health()).toMatchObject({
      reachable: false,
      latencyP95Ms: null,
      lastAnswerAt: null,
      lastError: null,
    });
    await ask();
    expect(health()).toMatchObject({ reachable: true, callsInFlight: 0, lastAnswerAt: expect.any(Date) });
    expect(health().latencyP95Ms).toBeGreaterThan(0);
    subgraph.behave(resets);
    await ask().catch(() => {});
    expect(health()).toMatchObject({ reachable: false, lastError: 'The subgraph "yard" cannot be reached' });
  });

  test("is found out by a look when nobody has asked yet", async () => {
    const { endpoint, subgraph, health } = await start(OK);
    await endpoint.guard.look();
    await endpoint.guard.look();
    expect(health().reachable).toBe(true);
    expect([subgraph.calls(), subgraph.probes()]).toEqual([0, 1]);
  });
});

describe("the metrics of a subgraph", () => {
  test("count calls by outcome, repetitions and how long each took", async () => {
    const { ask, subgraph, value } = await start(OK);
    await ask();
    subgraph.behave(resets);
    await ask().catch(() => {});
    expect(await value("gateway_subgraph_calls_total", { outcome: "answered" })).toBe(1);
    expect(await value("gateway_subgraph_calls_total", { outcome: "failed" })).toBe(2);
    expect(await value("gateway_subgraph_retries_total")).toBe(1);
    expect(await value("gateway_subgraph_calls_in_flight")).toBe(0);
    expect(await value("gateway_subgraph_call_duration_seconds", { le: "10" })).toBe(3);
  });

  test("show the state of its circuit, and what that refuses", async () => {
    const { askMany, ask, subgraph, health, value } = await start(resets, QUICK);
    const inState = (state: string) => value("gateway_subgraph_circuit", { state });
    expect([await inState("CLOSED"), await inState("OPEN")]).toEqual([1, 0]);
    await askMany(2);
    await ask().catch(() => {});
    expect([await inState("CLOSED"), await inState("OPEN")]).toEqual([0, 1]);
    expect(await value("gateway_subgraph_refusals_total", { reason: "circuit" })).toBeGreaterThan(0);
    subgraph.behave(OK);
    await waitFor(() => health().circuit.state === "CLOSED");
    expect(await inState("CLOSED")).toBe(1);
    expect(await value("gateway_subgraph_circuit_transitions_total", { to: "OPEN" })).toBeGreaterThan(0);
  });

  test("name the limit that a call met, as the error does", async () => {
    const met = async (reply: Reply, env: Record<string, string>, deadlineAtMs?: number) => {
      const { ask, limits, value } = await start(reply, env);
      const error = await ask("{ ok }", deadlineAtMs).catch((problem: unknown) => problem);
      const [limit = ""] = limits;
      expect(error).toMatchObject({ details: { limit } });
      expect(await value("gateway_subgraph_refusals_total", { reason: limit })).toBe(1);
      return limit;
    };
    expect(await met(hangs, { SUBGRAPH_TIMEOUT_MS: "50" })).toBe("subgraphTime");
    expect(await met(hangs, {}, performance.now() + 50)).toBe("operationTime");
    expect(await met(pour, { SUBGRAPH_RESPONSE_LIMIT_BYTES: "65536" })).toBe("subgraphAnswer");
  });
});

const codesOf = (outcomes: readonly unknown[]) => [
  ...new Set(outcomes.map((outcome) => (isCodedError(outcome) ? outcome.code : "answered"))),
];

/** Writes for as long as somebody reads. */
function pour(response: Parameters<Reply>[0]): void {
  const chunk = Buffer.alloc(65_536, " ");
  const write = () => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on("drain", write);
  write();
}
