import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { frame, openConnection, openSocket } from "./deaf-clients.ts";

/** Numbers from 0 to 1 that are the same in each run. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

/** The gateway as a storm sees it. */
export interface Target {
  port: number;
  /** Values of `authorization`, good and bad ones. */
  tokens: readonly string[];
}

/** One who misbehaves, with what decides over everything that it does. */
interface Stormer extends Target {
  random: () => number;
}

const pick = <T>(of: readonly T[], random: () => number): T => of[Math.floor(random() * of.length)] as T;

/*
 * client  = opening word* reading ending
 * opening = WebSocket | half a WebSocket | server-sent events | multipart | half a request
 * word    = subscription | query | ping | renewal | second initialisation | nonsense | completion | half a message
 * reading = everything | slowly | nothing
 * ending  = half-close | reset | freeze | clean close | cut, and come again
 */
const topicOf = (random: () => number) => Math.floor(random() * 4);
const textsOf = (topic: number) => `subscription { texts(topic: ${topic}, size: 9000) { text } }`;

const ping = (payload: object) => frame({ type: "ping", payload });
const WORDS: readonly ((by: Stormer) => Buffer)[] = [
  ({ random }) => frame({ id: "1", type: "subscribe", payload: { query: textsOf(topicOf(random)) } }),
  ({ random }) =>
    frame({
      id: "3",
      type: "subscribe",
      payload: { query: textsOf(topicOf(random)), extensions: { lastEventId: "1.5" } },
    }),
  () => frame({ id: "2", type: "subscribe", payload: { query: "{ text(size: 200000) }" } }),
  () => ping({ text: "p".repeat(30_000) }),
  ({ random, tokens }) => ping({ authorization: pick(tokens, random) }),
  () => frame({ type: "connection_init" }),
  () => frame("nonsense"),
  () => frame({ id: "1", type: "complete" }),
  () => ping({ text: "p".repeat(60_000) }).subarray(0, 40_000),
];

const speakOverSocket =
  ({ initialise }: { initialise: boolean }) =>
  async (by: Stormer): Promise<Socket> => {
    const { random, tokens, port } = by;
    const authorization = random() < 0.5 ? pick(tokens, random) : undefined;
    const socket = await openSocket(port, {
      initialise,
      ...(authorization !== undefined && { authorization }),
    });
    const words = Math.floor(random() * 7);
    for (let said = 0; said < words && !socket.destroyed; said++) socket.write(pick(WORDS, random)(by));
    return socket;
  };

const speakOverHttp =
  (accept: string, { part = 1 } = {}) =>
  async ({ random, tokens, port }: Stormer): Promise<Socket> => {
    const query = random() < 0.8 ? textsOf(topicOf(random)) : "{ text(size: 200000) }";
    const lastEventId = random() < 0.3 ? "last-event-id: 1.5\r\n" : "";
    const authorization = random() < 0.5 ? `authorization: ${pick(tokens, random)}\r\n` : "";
    const body = JSON.stringify({ query });
    const request = `POST /graphql HTTP/1.1\r\nhost: x\r\naccept: ${accept}\r\n${authorization}${lastEventId}content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
    const socket = await openConnection(port);
    socket.pause();
    socket.write(request.slice(0, Math.ceil(request.length * part)));
    return socket;
  };

const SSE = "text/event-stream";
const MULTIPART = "multipart/mixed;subscriptionSpec=1.0";
const OPENINGS: readonly ((by: Stormer) => Promise<Socket>)[] = [
  speakOverSocket({ initialise: true }),
  speakOverSocket({ initialise: true }),
  speakOverSocket({ initialise: false }),
  speakOverHttp(SSE),
  speakOverHttp(MULTIPART),
  speakOverHttp(
    pick([SSE, MULTIPART], () => 0),
    { part: 0.7 },
  ),
];

const READINGS: readonly ((socket: Socket) => unknown)[] = [
  (socket) => socket.resume(),
  (socket) => {
    const sips = setInterval(() => socket.read(1_024), 20);
    socket.once("close", () => clearInterval(sips));
  },
  (socket) => socket.pause(),
];

/** Sockets that are left as they are until there are too many of them. */
const FROZEN_AT_MOST = 40;

/** Clients that misbehave in every way of the grammar. */
export function createStorm(target: Target) {
  const frozen: Socket[] = [];
  const freeze = (socket: Socket) => {
    frozen.push(socket);
    if (frozen.length > FROZEN_AT_MOST) frozen.shift()?.destroy();
  };
  const endings: readonly ((socket: Socket) => unknown)[] = [
    (socket) => socket.end(),
    (socket) => socket.resetAndDestroy(),
    freeze,
    // Says goodbye as a browser that goes to another page.
    (socket) => socket.write(Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe9])) && socket.destroySoon(),
    (socket) => socket.destroy(),
  ];
  return {
    /** One client from its opening to its ending. */
    misbehave: async (random: () => number): Promise<void> => {
      const socket = await pick(OPENINGS, random)({ ...target, random });
      pick(READINGS, random)(socket);
      await sleep(random() * 200);
      const end = pick(endings, random);
      end(socket);
      if (end === freeze) return;
      await sleep(random() * 20);
      socket.destroy();
    },
    /** Ends those that are frozen. */
    thaw: () => {
      for (const socket of frozen.splice(0)) socket.destroy();
    },
  };
}
