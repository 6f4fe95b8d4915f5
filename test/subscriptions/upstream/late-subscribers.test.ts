import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { WebSocketServer, type WebSocket } from "ws";
import { waitFor } from "../../../lib/wait.ts";
import { createPlaces, gatewayOver } from "./start-subgraph.ts";

const TICKS = "subscription { ticks { number place { name } } }";

/** A subgraph that says what a test wants it to say, and no state by itself. */
async function startSource() {
  const server = createServer();
  const sockets = new WebSocketServer({ server, handleProtocols: () => "graphql-transport-ws" });
  const streams = new Map<WebSocket, string>();
  sockets.on("connection", (socket) =>
    socket.on("message", (data) => {
      const { type, id } = JSON.parse((data as Buffer).toString()) as { type: string; id: string };
      if (type === "connection_init") socket.send('{"type":"connection_ack"}');
      if (type === "subscribe") streams.set(socket, id);
    }),
  );
  const listen = (port: number) =>
    new Promise<number>((resolve) => {
      server.listen(port, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
    });
  const leave = () => {
    streams.clear();
    for (const socket of sockets.clients) socket.terminate();
    server.close();
  };
  const port = await listen(0);
  onTestFinished(leave);
  return {
    url: `http://127.0.0.1:${port}/graphql`,
    isListenedTo: () => streams.size > 0,
    say: (payload: object) => {
      for (const [socket, id] of streams) socket.send(JSON.stringify({ type: "next", id, payload }));
    },
    leave,
    comeBack: () => listen(port),
  };
}

const tick = (number: number) => ({ data: { ticks: { number, place: { __typename: "Place", code: "p" } } } });

let source: Awaited<ReturnType<typeof startSource>>;
let places: ReturnType<typeof createPlaces>;
let gateway: Awaited<ReturnType<typeof gatewayOver>>;
beforeEach(async () => {
  source = await startSource();
  places = createPlaces();
  gateway = await gatewayOver(source.url, { places: places.endpoint });
  onTestFinished(() => gateway.close());
});

async function first() {
  const client = await gateway.subscribed(TICKS);
  await waitFor(() => source.isListenedTo());
  source.say(tick(1));
  await waitFor(() => client.events().length === 1);
  return client;
}

describe("Somebody who subscribes later", () => {
  test("gets the state as it is now, and not the event as it was joined then", async () => {
    const early = await first();
    expect(early.events()[0]?.data).toEqual({ ticks: { number: 1, place: { name: "Here" } } });
    places.state.name = "There";
    const late = await gateway.subscribed(TICKS);
    await waitFor(() => late.events().length === 1);
    expect(late.events()[0]?.data).toEqual({ ticks: { number: 1, place: { name: "There" } } });
    expect(late.events()[0]?.extensions).toEqual(early.events()[0]?.extensions);
    expect(early.events()).toHaveLength(1);
  });

  test("does not hear of the trouble of a subgraph that is well again", async () => {
    places.state.isAway = true;
    const early = await first();
    expect(early.events()[0]?.errors).toHaveLength(1);
    places.state.isAway = false;
    const late = await gateway.subscribed(TICKS);
    await waitFor(() => late.events().length === 1);
    expect(late.events()[0]).toMatchObject({ data: { ticks: { number: 1, place: { name: "Here" } } } });
    expect(late.events()[0]).not.toHaveProperty("errors");
  });

  test("is not told an error of the stream that is over, but the last state, with a gap", async () => {
    const early = await first();
    source.say({ data: null, errors: [{ message: "no tick today" }] });
    await waitFor(() => early.events().length === 2);
    const late = await gateway.subscribed(TICKS);
    await waitFor(() => late.events().length === 1);
    expect(late.events()[0]).toMatchObject({ data: { ticks: { number: 1 } }, extensions: { gap: true } });
    expect(late.events()[0]).not.toHaveProperty("errors");
  });

  test("is told of an outage while it lasts, and after it of the last state, with a gap", async () => {
    const early = await first();
    source.leave();
    await waitFor(() => early.events().length === 2);
    const during = await gateway.subscribed(TICKS);
    await waitFor(() => during.events().length === 1);
    expect(during.events()[0]?.errors).toMatchObject([
      { extensions: { code: "SUBGRAPH_UNAVAILABLE", subgraph: "ticks" } },
    ]);
    await source.comeBack();
    // Nothing has happened since, but the subgraph is there: whoever came during the outage gets what is known.
    await waitFor(() => during.events().length === 2);
    expect(during.events()[1]).toMatchObject({ data: { ticks: { number: 1 } }, extensions: { gap: true } });
    const after = await gateway.subscribed(TICKS);
    await waitFor(() => after.events().length === 1);
    expect(after.events()[0]).toMatchObject({ data: { ticks: { number: 1 } }, extensions: { gap: true } });
    source.say(tick(2));
    for (const client of [early, during, after])
      await waitFor(
        () => client.events().at(-1)?.data?.["ticks"] !== undefined && client.events().length > 1,
      );
    expect(early.events()[2]).toMatchObject({ data: { ticks: { number: 2 } }, extensions: { gap: true } });
  });

  test("shares the work with others who come at the same time", async () => {
    await first();
    const late = await Promise.all(Array.from({ length: 5 }, () => gateway.subscribed(TICKS)));
    for (const client of late) await waitFor(() => client.events().length === 1);
    const calls = /gateway_subgraph_calls_total\{subgraph="places",outcome="answered"\} (\d+)/.exec(
      await gateway.metrics(),
    )?.[1];
    expect(Number(calls)).toBeLessThanOrEqual(1 + late.length);
  });
});
