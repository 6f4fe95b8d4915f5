import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { rawClient, subscribe } from "../subscriptions/support/raw-client.ts";
import { waitFor } from "../support/wait.ts";
import { frame, openSocket } from "./support/deaf-clients.ts";
import { startStalledGateway, type StalledGateway } from "./support/stalled-gateway.ts";

/** How long the storm lasts; a longer one finds more. */
const STORM_MS = Number(process.env["STORM_SECONDS"] ?? 5) * 1_000;
const AT_ONCE = 8;

/** The words of the storm: what a client sends, and how it behaves after that. */
const SENT: readonly ((topic: number) => Buffer)[] = [
  (topic) =>
    frame({
      id: "1",
      type: "subscribe",
      payload: { query: `subscription { texts(topic: ${topic}, size: 9000) { text } }` },
    }),
  () => frame({ id: "2", type: "subscribe", payload: { query: "{ text(size: 200000) }" } }),
  () => frame({ type: "ping", payload: { text: "p".repeat(30_000) } }),
  () => frame({ type: "connection_init" }),
  () => frame("nonsense"),
  () => frame({ id: "1", type: "complete" }),
  () => frame({ type: "ping", payload: { text: "p".repeat(60_000) } }).subarray(0, 40_000),
];
const BEHAVIOURS: readonly ((socket: Socket) => unknown)[] = [
  (socket) => socket.resume(),
  (socket) => socket.pause(),
  (socket) => socket.end(),
  (socket) => socket.resetAndDestroy(),
  (socket) => socket.destroy(),
];

/** Numbers from 0 to 1 that are the same in each run. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

async function misbehave({ port }: StalledGateway, random: () => number): Promise<void> {
  const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
  const socket = await openSocket(port, { initialise: random() < 0.8 });
  for (let words = 0; words < 6 && !socket.destroyed; words++)
    socket.write(pick(SENT)(Math.floor(random() * 4)));
  pick(BEHAVIOURS)(socket);
  await sleep(random() * 200);
  socket.destroy();
}

it(
  "a storm of clients that do not read, freeze, reset, half-close and come again costs others no event and leaves nothing behind",
  async () => {
    const gateway = await startStalledGateway({ env: { NODE_ENV: "test" } });
    onTestFinished(() => gateway.stop());
    const good = await rawClient(`ws://127.0.0.1:${gateway.port}/graphql`);
    good.send(subscribe("good", `subscription { texts(topic: "good", size: 10) { number } }`));
    await waitFor(async () => (await gateway.metric("gateway_subscription_triggers")) === 1);
    const storm = async (forMs: number, seed: number) => {
      const random = randomFrom(seed);
      const until = performance.now() + forMs;
      const rage = async () => {
        while (performance.now() < until) await misbehave(gateway, random);
      };
      const events = (async () => {
        while (performance.now() < until) await gateway.emit(5);
      })();
      await Promise.all([events, ...Array.from({ length: AT_ONCE }, rage)]);
      // Those who were cut off are waited for before their streams are let go.
      await waitFor(async () => (await gateway.metric("gateway_subscription_triggers")) === 1, {
        timeoutMs: 60_000,
      });
      return gateway.liveBytes();
    };
    const before = await storm(STORM_MS / 2, 1);
    const after = await storm(STORM_MS, 2);
    expect(after).toBeLessThan(before * 1.05);
    const sent = await gateway.emit(0);
    const numbers = () =>
      good.events("good").map(({ data }) => (data as { texts: { number: number } }).texts.number);
    await waitFor(() => numbers().at(-1) === sent);
    expect(numbers()).toEqual(Array.from({ length: sent }, (_, index) => index + 1));
    good.socket.terminate();
  },
  STORM_MS * 3 + 150_000,
);
