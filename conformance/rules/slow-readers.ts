import { setTimeout as sleep } from "node:timers/promises";
import { open, type Socket } from "../socket.ts";
import { given, requireThat, Skipped, type Rule } from "../rule.ts";
import type { Target } from "../target.ts";

const OWN = "README.md#slow-readers";
const MEASURED_MS = 1_500;
const STALLED_MS = 4_000;
const CATCH_UP_MS = 20_000;
/** What is missed has to be more than the system's own buffers take; a slow machine needs longer for that. */
const MISSED_BYTES = 24_000_000;
const MISSING_MS = 24_000;
/** The share of the missed events that is all of them, for clients that do not count in the same instant. */
const ALL = 0.9;

const eventsWithin = async (socket: Socket, ms: number): Promise<number> => {
  const before = socket.of("s").length;
  await sleep(ms);
  return socket.of("s").length - before;
};

/**
 * How many events a client that reads again gets beside those that everybody gets now. Waits until both get as many in
 * the same time: a slow machine needs longer for what was kept.
 */
async function keptFor(slow: Socket, quick: Socket): Promise<number> {
  let kept = 0;
  for (const untilMs = Date.now() + CATCH_UP_MS; Date.now() < untilMs && slow.isOpen();) {
    const [now, all] = await Promise.all([eventsWithin(quick, MEASURED_MS), eventsWithin(slow, MEASURED_MS)]);
    kept += all - now;
    if (all <= now + 1) break;
  }
  return kept;
}

/** How many events come to one client while another does not read: enough to see whether they are kept. */
async function missedBeside(quick: Socket): Promise<number> {
  const first = quick.of("s").length;
  for (const untilMs = Date.now() + MISSING_MS; Date.now() < untilMs;) {
    await sleep(STALLED_MS);
    const missed = quick.of("s").length - first;
    if (missed * JSON.stringify(quick.of("s").at(-1)).length >= MISSED_BYTES) return missed;
  }
  throw new Skipped(
    `--large sends less than ${MISSED_BYTES / 1e6} MB in ${MISSING_MS} ms; the system's own buffers take that`,
  );
}

/** Opens connections, and closes them all afterwards. */
async function withSockets(
  target: Target,
  count: number,
  use: (sockets: Socket[]) => Promise<void>,
): Promise<void> {
  const sockets: Socket[] = [];
  try {
    for (let nth = 0; nth < count; nth++) sockets.push(await open(target));
    await use(sockets);
  } finally {
    for (const { raw } of sockets) raw.terminate();
  }
}

/** Clients that do not take what they are sent. */
export const slowReaders: readonly Rule[] = [
  {
    id: "slow-others",
    level: "MUST",
    says: "clients that stop reading do not keep another one's events back",
    source: OWN,
    check: (target) =>
      withSockets(target, 5, async ([quick, ...slow]) => {
        if (!quick) return;
        const query = given(target, "large");
        quick.subscribe("s", query);
        await quick.next("next", "s");
        const before = await eventsWithin(quick, MEASURED_MS);
        if (before < 3)
          throw new Skipped(`--large sends ${before} events in ${MEASURED_MS} ms; it takes more to see this`);
        for (const each of slow) {
          each.subscribe("s", query);
          each.raw.pause();
        }
        await sleep(STALLED_MS);
        const after = await eventsWithin(quick, MEASURED_MS);
        requireThat(
          after >= before / 2,
          `${after} events came in the time in which ${before} came without the slow ones`,
        );
      }),
  },
  {
    id: "slow-back",
    level: "SHOULD",
    says: "a client that reads again gets a recent event or is sent away, and not everything that it has missed",
    source: OWN,
    check: (target) =>
      withSockets(target, 2, async ([quick, slow]) => {
        if (!quick || !slow) return;
        const query = given(target, "large");
        quick.subscribe("s", query);
        slow.subscribe("s", query);
        await Promise.all([quick.next("next", "s"), slow.next("next", "s")]);
        slow.raw.pause();
        const missed = await missedBeside(quick);
        slow.raw.resume();
        const kept = await keptFor(slow, quick);
        const wasSentAway = !slow.isOpen();
        requireThat(
          wasSentAway || kept < missed * ALL,
          `${kept} of ${missed} missed events came late: all of them were kept`,
        );
      }),
  },
];
