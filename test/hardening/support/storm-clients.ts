import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { controlPing, frame, openConnection, openSocket } from "./deaf-clients.ts";

/** Numbers from 0 to 1 that are the same in each run. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

/** What the clients of a storm ask for, made with chance. */
interface Operations {
  subscription: (random: () => number) => string;
  /** With an answer that fills a buffer. */
  query: () => string;
  mutation: (random: () => number) => string;
}

/** The gateway as a storm sees it. */
export interface Target {
  port: number;
  /** Values of `authorization`, good and bad ones. */
  tokens: readonly string[];
  operations: Operations;
}

/** One who misbehaves, with what decides over everything that it does. */
interface Stormer extends Target {
  random: () => number;
}

const pick = <T>(of: readonly T[], random: () => number): T => of[Math.floor(random() * of.length)] as T;

/*
 * client  = opening word* reading ending
 * opening = WebSocket | half a WebSocket | server-sent events | multipart | requests sent ahead | half a request
 * word    = subscription | resumption | query | mutation | ping | ping of WebSocket | renewal | second initialisation
 *         | nonsense | completion | half a message
 * reading = everything | slowly | nothing
 * ending  = half-close | reset | freeze | clean close | cut, and come again
 */
const asked = (id: string, query: string, extensions?: object) =>
  frame({ id, type: "subscribe", payload: { query, ...(extensions && { extensions }) } });
const ping = (payload: object) => frame({ type: "ping", payload });

const WORDS: readonly ((by: Stormer) => Buffer)[] = [
  ({ random, operations }) => asked("1", operations.subscription(random)),
  ({ random, operations }) => asked("3", operations.subscription(random), { lastEventId: "1.5" }),
  ({ operations }) => asked("2", operations.query()),
  ({ random, operations }) => asked("4", operations.mutation(random)),
  () => ping({ text: "p".repeat(30_000) }),
  () => controlPing,
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

/** Asks over HTTP, `times` without waiting for an answer; `isHalf` ends somewhere in the middle. */
const speakOverHttp =
  (accept: string, { isHalf = false, times = 1 } = {}) =>
  async (by: Stormer): Promise<Socket> => {
    const { random, port } = by;
    const socket = await openConnection(port);
    socket.pause();
    const requests = Array.from({ length: times }, () => httpRequest(accept, by)).join("");
    socket.write(requests.slice(0, Math.ceil(requests.length * (isHalf ? random() : 1))));
    return socket;
  };

function httpRequest(accept: string, { random, tokens, operations }: Stormer): string {
  const isStream = accept !== JSON_ANSWER;
  const query =
    isStream && random() < 0.8
      ? operations.subscription(random)
      : pick([operations.query, () => operations.mutation(random)], random)();
  const body = JSON.stringify({ query });
  return [
    "POST /graphql HTTP/1.1",
    "host: x",
    `accept: ${accept}`,
    ...(random() < 0.5 ? [`authorization: ${pick(tokens, random)}`] : []),
    ...(random() < 0.3 ? ["last-event-id: 1.5"] : []),
    "content-type: application/json",
    `content-length: ${Buffer.byteLength(body)}`,
    `\r\n${body}`,
  ].join("\r\n");
}

const SSE = "text/event-stream";
const MULTIPART = "multipart/mixed;subscriptionSpec=1.0";
const JSON_ANSWER = "application/json";
const OPENINGS: readonly ((by: Stormer) => Promise<Socket>)[] = [
  speakOverSocket({ initialise: true }),
  speakOverSocket({ initialise: true }),
  speakOverSocket({ initialise: false }),
  speakOverHttp(SSE),
  speakOverHttp(MULTIPART),
  speakOverHttp(JSON_ANSWER, { times: 8 }),
  speakOverHttp(SSE, { isHalf: true }),
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
