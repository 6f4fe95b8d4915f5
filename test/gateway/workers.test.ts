import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { WebSocket } from "ws";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createLiveClient } from "../../client/live-client.ts";
import { anonymous, SCOPES } from "../../lib/identity.ts";
import { signToken } from "../../lib/jwt.ts";
import { waitFor } from "../../lib/wait.ts";
import { serveGraph, SUBGRAPH_SECRET, type ServedGraph } from "../../bench/subscriptions/subgraphs.ts";
import { createTickerGraph } from "../subscriptions/support/ticker-graph.ts";
import { runScript, startScript } from "../support/script.ts";
import { NO_DOCUMENTS } from "./support/start-gateway.ts";

const WORKERS = 2;
const CLIENTS = 40;
const JWT_SECRET = "a secret of thirty-two characters or more";
const graph = createTickerGraph();
let served: ServedGraph;
let primary: ReturnType<typeof startScript>;
let url = "";
let printed = "";

const environment = () => ({
  PORT: "0",
  SUPERGRAPH_FILE: served.supergraphFile,
  GATEWAY_SUBGRAPH_SECRET: SUBGRAPH_SECRET,
  JWT_SECRET,
  ...NO_DOCUMENTS,
  RATE_LIMIT_PER_SECOND: "100",
  RATE_LIMIT_BURST: "300",
  SUBSCRIPTIONS_PER_IDENTITY: "50",
  SUBSCRIPTION_DRAIN_SECONDS: "1",
});

beforeAll(async () => {
  served = await serveGraph(graph);
  primary = startScript("gateway/main.ts", ["--workers", `${WORKERS}`], { environment: environment() });
  primary.stdout.resume();
  primary.stderr.on("data", (chunk: Buffer) => (printed += chunk.toString()));
  url = await waitFor(() => /"url":"(http:[^"]+)"/.exec(printed)?.[1], { what: "the address" });
});

afterAll(async () => {
  const ended = once(primary, "exit");
  primary.kill("SIGTERM");
  await ended;
  await served.close();
});

interface Follower {
  numbers: number[];
  cuts: (number | undefined)[];
  problems: string[];
}

describe("a gateway of several workers", () => {
  test("is ready once, and has the metrics of all workers in one text", async () => {
    const ready = (await (await fetch(`${url}/readyz`)).json()) as { status: string; checks: object };
    expect(ready).toMatchObject({ status: "ok", checks: { workers: null, supergraph: null } });
    expect(await metric("gateway_workers_wanted")).toEqual([WORKERS]);
    expect(await metric("gateway_worker_connections")).toHaveLength(WORKERS);
  });

  test("gives every worker as many sockets, keeps them over the death of a worker and a reload, and loses no event", async () => {
    const token = await tokenOf("watcher");
    const followers = Array.from({ length: CLIENTS }, () => follow(token));
    await waitFor(() => followers.every(({ state }) => state.numbers.length > 0), { what: "all streams" });
    await emitTo(followers);

    const [victim = 0] = await workerPids();
    process.kill(victim, "SIGKILL");
    await waitFor(() => printed.includes("a worker died"), { what: "the death to be told" });
    await waitFor(() => printed.includes("a worker that died is replaced"), { what: "another worker" });
    await emitTo(followers);
    expect(await metric("gateway_workers_died_total")).toEqual([1]);

    const before = await workerPids();
    for (const { state } of followers) state.cuts.length = 0;
    primary.kill("SIGHUP");
    await waitFor(() => printed.includes("all workers are replaced"), { what: "the reload" });
    await emitTo(followers);
    expect((await workerPids()).filter((pid) => before.includes(pid))).toEqual([]);
    // Each was told to come back, by the worker that left; nobody was cut, refused or told of anything else.
    for (const { state } of followers) {
      expect(new Set(state.cuts)).toEqual(new Set([1012]));
      expect(state.problems).toEqual([]);
    }
    await Promise.all(followers.map(({ close }) => close()));
  });

  test("counts the operations of a caller at all workers together", async () => {
    const token = await tokenOf("busy");
    let answered = 0;
    const startedMs = performance.now();
    for (let refused = 0; refused === 0;) {
      const responses = await Promise.all(
        Array.from({ length: 20 }, () => ask({ query: "{ __typename }" }, token)),
      );
      answered += responses.filter(({ status }) => status === 200).length;
      refused = responses.filter(({ status }) => status === 429).length;
    }
    const refilled = ((performance.now() - startedMs) / 1_000) * 100;
    // What both may give away before they have heard of each other: 50 ms, and what was under way.
    expect(answered).toBeLessThan(300 + refilled + 60);
  });

  test("counts the subscriptions of a caller at all workers together", async () => {
    const token = await tokenOf("collector");
    const followers: ReturnType<typeof follow>[] = [];
    for (let held = 0; held < 50; held += 1) {
      const follower = follow(token);
      followers.push(follower);
      await waitFor(() => follower.state.numbers.length > 0, { what: `subscription ${held}` });
    }
    await waitFor(
      async () => {
        const one = follow(token);
        await waitFor(() => one.state.numbers.length + one.state.problems.length > 0, { what: "an answer" });
        await one.close();
        return one.state.problems[0]?.includes("subscriptionsPerIdentity");
      },
      { what: "the fifty-first to be refused" },
    );
    await Promise.all(followers.map(({ close }) => close()));
  });

  test("knows a document at every worker that a client has registered at one", async () => {
    const query = 'query Persisted { number(topic: "persisted") }';
    const extensions = {
      persistedQuery: { version: 1, sha256Hash: createHash("sha256").update(query).digest("hex") },
    };
    const token = await tokenOf("registrar");
    expect((await ask({ query, extensions }, token)).status).toBe(200);
    await waitFor(async () => {
      // As many connections as it takes to meet both workers, which take turns.
      const answers = await Promise.all(Array.from({ length: 6 }, () => ask({ extensions }, token)));
      const bodies = (await Promise.all(answers.map((answer) => answer.json()))) as { errors?: unknown }[];
      return bodies.every(({ errors }) => errors === undefined);
    });
  });
});

describe("the number of workers", () => {
  test.each(["0", "65", "two"])("%j is refused with what is allowed", async (value) => {
    const { code, stderr } = await runScript("gateway/main.ts", ["--workers", value], environment());
    expect(code).toBe(1);
    expect(stderr).toBe(
      `--workers: ${JSON.stringify(value)} is not allowed; expected an integer from 1 to 64\n`,
    );
  });
});

function follow(token: string) {
  const state: Follower = { numbers: [], cuts: [], problems: [] };
  const live = createLiveClient({
    url: `${url.replace("http", "ws")}/graphql`,
    token: () => token,
    webSocketImpl: WebSocket,
    onCut: (code) => state.cuts.push(code),
  });
  live.subscribe<{ tick: { number: number } }>(
    { query: `subscription { tick(topic: "workers") { number place { name } } }` },
    {
      next: ({ data, errors }, { gap }) => {
        if (data) state.numbers.push(data.tick.number);
        if (errors) state.problems.push(errors[0]?.message ?? "");
        if (gap) state.problems.push("gap");
      },
      error: (errors) => state.problems.push(errors[0]?.message ?? ""),
      complete: () => state.problems.push("completed"),
    },
  );
  return { state, close: () => live.close() };
}

/** One more event, which everybody gets, and nobody an event twice or without the one before. */
async function emitTo(followers: readonly { state: Follower }[]): Promise<void> {
  await expectLevel();
  // Whoever is away while it happens comes back to a worker that cannot know whether it was the only one.
  const areAllThere = async () => (await metric("gateway_subscriptions_active"))[0] === followers.length;
  await waitFor(async () => (await areAllThere()) && graph.openStreams === WORKERS, {
    what: "everybody to listen",
  });
  const number = graph.emit("workers");
  await waitFor(() => followers.every(({ state }) => state.numbers.at(-1) === number), {
    what: `event ${number}`,
  });
  for (const { state } of followers)
    expect(state.numbers).toEqual(state.numbers.map((_, index) => (state.numbers[0] ?? 0) + index));
}

/** Within a tenth of their mean, or a few where there are so few: one connection asks for the metrics. */
async function expectLevel(): Promise<void> {
  await waitFor(
    async () => {
      const open = await metric("gateway_worker_connections");
      const mean = open.reduce((sum, count) => sum + count, 0) / WORKERS;
      return open.length === WORKERS && open.every((count) => Math.abs(count - mean) <= mean * 0.1 + 1);
    },
    { what: "the workers to have as many connections each" },
  );
}

const workerPids = () =>
  waitFor(async () => {
    const { stdout } = spawn("ps", ["--ppid", `${primary.pid}`, "-o", "pid="]);
    const text = (await stdout.toArray()).join("");
    const pids = text.split("\n").filter((line) => line.trim() !== "");
    return pids.length === WORKERS ? pids.map(Number) : undefined;
  });

async function metric(name: string): Promise<number[]> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (.*)$`, "gm"))].map(([, value]) =>
    Number(value),
  );
}

const ask = (body: object, token: string) =>
  fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}`, connection: "close" },
    body: JSON.stringify(body),
  });

const tokenOf = (subject: string) =>
  signToken(
    { secret: JWT_SECRET, issuer: "lifecycle-gateway", audience: "lifecycle-gateway" },
    { ...anonymous(SCOPES), subject },
    3_600,
  );
