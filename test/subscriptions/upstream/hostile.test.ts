import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { WebSocketServer, type WebSocket } from "ws";
import { waitFor } from "../../../lib/wait.ts";
import { gatewayOver } from "./start-subgraph.ts";

const QUIET = "subscription { quiet { number } }";
const EVENT = JSON.stringify({ data: { quiet: { number: 1 } } });

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
}

/** A WebSocket server that says what it likes once a subscription has come, with the id in place of `ID`. */
async function saysOverSocket(subprotocol: string, ...said: (string | ((socket: WebSocket) => void))[]) {
  const server = createServer();
  const sockets = new WebSocketServer({
    server,
    handleProtocols: (offered) => offered.has(subprotocol) && subprotocol,
  });
  sockets.on("connection", (socket) =>
    socket.on("message", (data) => {
      const { type, id } = JSON.parse((data as Buffer).toString()) as { type: string; id?: string };
      if (type === "connection_init") socket.send('{"type":"connection_ack"}');
      if (type !== "subscribe" && type !== "start") return;
      for (const each of said)
        if (typeof each === "string") socket.send(each.replace("ID", id ?? ""));
        else each(socket);
    }),
  );
  return listening(server);
}

const saysOverHttp = (headers: Record<string, string>, ...said: string[]) =>
  listening(
    createServer((request: IncomingMessage, response: ServerResponse) => {
      request.resume();
      response.writeHead(200, headers);
      for (const text of said) response.write(text);
    }),
  );

const answersHttp = (status: number, body = "") =>
  listening(
    createServer(
      (request, response) => void request.resume().on("end", () => response.writeHead(status).end(body)),
    ),
  );

const SSE = { "content-type": "text/event-stream" };
const MULTIPART = { "content-type": 'multipart/mixed;boundary="graphql"' };
const LIMIT = { SUBGRAPH_RESPONSE_LIMIT_BYTES: "1024" };
const LONG = "x".repeat(4_096);

interface Case {
  protocol: string;
  what: string;
  start: () => Promise<string>;
  told: RegExp;
}

type Over = readonly [protocol: string, start: () => Promise<string>];

const transport = (...said: (string | ((socket: WebSocket) => void))[]): Over => [
  "graphql-transport-ws",
  () => saysOverSocket("graphql-transport-ws", ...said),
];

const CASES: readonly Case[] = [
  ...(
    [
      ["text that is not JSON", transport("{nonsense"), /not JSON/],
      ["JSON that is no message", transport("[]", "7"), /no object|message of the type/],
      ["a message of another protocol", transport('{"type":"hello"}'), /message of the type "hello"/],
      ["a binary message", transport((socket) => socket.send(Buffer.from("{}"), { binary: true })), /binary/],
      ["an event without a result", transport('{"type":"next","id":"ID","payload":7}'), /no GraphQL result/],
      [
        "an event whose data is a list",
        transport('{"type":"next","id":"ID","payload":{"data":[]}}'),
        /no GraphQL result/,
      ],
      ["a refusal without an error", transport('{"type":"error","id":"ID","payload":7}'), /without an error/],
      [
        "more than an event may have",
        transport(JSON.stringify({ type: "next", id: "ID", payload: LONG })),
        /more than 1024 bytes/,
      ],
    ] satisfies [string, Over, RegExp][]
  ).map(([what, [protocol, start], told]) => ({ what, protocol, start, told })),
  ...(
    [
      ["an event that is not JSON", "sse", SSE, ["event: next\ndata: {nonsense\n\n"], /not JSON/],
      ["an event without a result", "sse", SSE, ["event: next\ndata: 7\n\n"], /no GraphQL result/],
      ["an event of another name", "sse", SSE, ["event: hello\ndata: {}\n\n"], /event named "hello"/],
      ["a line without an end", "sse", SSE, [`data: ${LONG}`, LONG], /more than 1024 bytes/],
      [
        "a part that is not JSON",
        "multipart",
        MULTIPART,
        ["--graphql\r\n\r\n{nonsense\r\n--graphql\r\n"],
        /not JSON/,
      ],
      [
        "a part that is no object",
        "multipart",
        MULTIPART,
        ["--graphql\r\n\r\n7\r\n--graphql\r\n"],
        /no object/,
      ],
      [
        "a payload without a result",
        "multipart",
        MULTIPART,
        ['--graphql\r\n\r\n{"payload":7}\r\n--graphql\r\n'],
        /no GraphQL result/,
      ],
      [
        "a part without an end",
        "multipart",
        MULTIPART,
        [`--graphql\r\n\r\n${LONG}`, LONG],
        /more than 1024 bytes/,
      ],
    ] as const
  ).map(([what, protocol, headers, said, told]) => ({
    what,
    protocol,
    told,
    start: () => saysOverHttp(headers, ...said),
  })),
  {
    protocol: "sse",
    what: "HTML in place of a stream",
    start: () => answersHttp(200, "<html>"),
    told: /HTTP 200/,
  },
  { protocol: "sse", what: "404", start: () => answersHttp(404), told: /HTTP 404/ },
  { protocol: "sse", what: "401", start: () => answersHttp(401), told: /HTTP 401/ },
  {
    protocol: "graphql-transport-ws",
    what: "404 to the upgrade",
    start: () => answersHttp(404),
    told: /HTTP 404/,
  },
  {
    protocol: "graphql-transport-ws",
    what: "403 to the upgrade",
    start: () => answersHttp(403),
    told: /HTTP 403/,
  },
  {
    protocol: "graphql-ws",
    what: "another subprotocol",
    start: () => saysOverSocket("graphql-transport-ws"),
    told: /subprotocol|closed its socket|HTTP/,
  },
  {
    protocol: "auto",
    what: "nothing that streams",
    start: () => answersHttp(404),
    told: /none of the streaming protocols/,
  },
];

describe("a subgraph that says that it cannot begin a subscription for now", () => {
  test("is asked again, and its refusal ends nothing", async () => {
    const away = JSON.stringify([
      { message: "no database", extensions: { code: "INTERNAL", retryable: true } },
    ]);
    let asked = 0;
    const url = await saysOverSocket(
      "graphql-transport-ws",
      () => void (asked += 1),
      `{"type":"error","id":"ID","payload":${away}}`,
    );
    const gateway = await gatewayOver(url, { ticks: { streams: { protocol: "graphql-transport-ws" } } });
    onTestFinished(() => gateway.close());
    const client = await gateway.subscribed(QUIET);
    await waitFor(() => asked >= 3);
    expect(client.isOver()).toBe(false);
    expect(JSON.stringify(client.events())).not.toContain("no database");
  });
});

describe("a subgraph that answers a subscription with", () => {
  test.each(CASES)("$what over $protocol ends that stream with a reason, and nothing else", async (row) => {
    const gateway = await gatewayOver(await row.start(), {
      env: LIMIT,
      ticks: { streams: { protocol: row.protocol } },
    });
    onTestFinished(() => gateway.close());
    const client = await gateway.subscribed(QUIET);
    await waitFor(() => client.isOver());
    const [error] = client.events().at(-1)?.errors ?? [];
    expect(error?.message).toMatch(row.told);
    expect(error?.extensions).toMatchObject({ code: "SUBGRAPH_UNAVAILABLE", subgraph: "ticks" });
    expect((await fetch(`${gateway.url}/livez`)).status).toBe(200);
  });

  test("garbage for one of two subscriptions on its socket ends that one alone", async () => {
    let count = 0;
    const url = await saysOverSocket("graphql-transport-ws", (socket) => {
      count += 1;
      socket.send(
        JSON.stringify({ type: "next", id: String(count), payload: count === 2 ? 7 : JSON.parse(EVENT) }),
      );
    });
    const gateway = await gatewayOver(url, { ticks: { streams: { protocol: "graphql-transport-ws" } } });
    onTestFinished(() => gateway.close());
    const first = await gateway.subscribed(QUIET);
    await waitFor(() => first.events().length === 1);
    const second = await gateway.subscribed("subscription { quiet { other: number } }");
    await waitFor(() => second.isOver());
    expect(first.isOver()).toBe(false);
    expect(await gateway.metrics()).toContain(
      'gateway_subgraph_stream_failures_total{subgraph="ticks",reason="garbage"} 1',
    );
  });

  test.each([
    [
      "an upgrade that is never answered",
      "graphql-transport-ws",
      () => listening(createServer(() => {}).on("upgrade", () => {})),
    ],
    [
      "a connection_init that is never acknowledged",
      "graphql-transport-ws",
      async () => {
        const server = createServer();
        const sockets = new WebSocketServer({ server, handleProtocols: () => "graphql-transport-ws" });
        onTestFinished(() => sockets.close());
        return listening(server);
      },
    ],
    ["a POST that is never answered", "sse", () => listening(createServer(() => {}))],
    ["a callback that is never checked", "callback", () => answersHttp(200, '{"data":null}')],
  ])("%s is told as silence while it lasts", async (_what, protocol, start) => {
    const gateway = await gatewayOver(await start(), {
      env: { SUBSCRIPTION_CALLBACK_URL: "http://127.0.0.1:9" },
      ticks: { streams: { protocol } },
    });
    onTestFinished(() => gateway.close());
    const startedMs = performance.now();
    const client = await gateway.subscribed(QUIET);
    await waitFor(() => client.events().length === 1);
    expect(performance.now() - startedMs).toBeLessThan(4_000);
    expect(client.events()[0]?.errors).toMatchObject([
      { extensions: { code: "SUBGRAPH_UNAVAILABLE", subgraph: "ticks", limit: "subgraphSilence" } },
    ]);
    expect(client.isOver()).toBe(false);
  });
});

describe("A callback", () => {
  test.each([
    [
      "about no stream of ours",
      "unknown",
      { kind: "subscription", action: "check", id: "unknown", verifier: "v" },
      404,
    ],
    ["that is no message", "unknown", { kind: "something" }, 400],
    ["that is too large", "unknown", { text: LONG }, 413],
  ])("%s is refused with a code", async (_what, id, body, status) => {
    const gateway = await gatewayOver("http://127.0.0.1:9", {
      env: { ...LIMIT, SUBSCRIPTION_CALLBACK_URL: "http://127.0.0.1:9" },
    });
    onTestFinished(() => gateway.close());
    const answer = await fetch(`${gateway.url}/callbacks/${id}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    expect(answer.status).toBe(status);
  });
});
