import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { endWithProblem } from "../../lib/http-problems.ts";
import type { Log } from "../../lib/log.ts";
import { dismiss, hasEnded, startMember, type CrewMember } from "./crew-member.ts";
import type { Heard } from "./line.ts";

export interface CrewOptions {
  workers: number;
  log: Log;
  /** What is done with the words of a worker. */
  heardBy: (member: CrewMember) => Heard;
  /** A worker can take connections now. */
  onReady: (member: CrewMember) => void;
  onGone: (member: CrewMember) => void;
}

const READY_WITHIN_MS = 60_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 30_000;
/** A worker that has lived for so long died of something new. */
const STEADY_MS = 60_000;
const ALIVE_EVERY_MS = 5_000;
/** Questions that a worker may leave unanswered before it is taken for hanging: half a minute. */
const UNANSWERED_MOST = 5;

/** The workers of a gateway: as many as wanted run at any time, and each is replaced when it dies. */
export class Crew {
  readonly #options: CrewOptions;
  readonly #serving = new Set<CrewMember>();
  /** How often each place was filled anew, one after the other. */
  readonly #failures = new Map<number, number>();
  #isClosing = false;
  #reloading: Promise<void> | undefined;

  constructor(options: CrewOptions) {
    this.#options = options;
  }

  /** Those that take connections. */
  get serving(): readonly CrewMember[] {
    return Array.from(this.#serving).filter(({ isLeaving }) => !isLeaving);
  }

  /** @throws Error when one of them does not start; what is wrong it has said itself */
  async start(): Promise<void> {
    const { workers } = this.#options;
    // What is wrong with the configuration is said once, by the first.
    if (!(await this.#launch(1))) throw new Error("The gateway does not start: its first worker has ended");
    const others = Array.from({ length: workers - 1 }, (_, index) => this.#launch(index + 2));
    if ((await Promise.all(others)).includes(undefined))
      throw new Error("The gateway does not start: a worker has ended");
  }

  /** Gives a connection to the worker that has fewest. */
  hand(socket: Socket): void {
    void handTo(this.#serving, socket);
  }

  /** Replaces one worker after the other by one that runs what is on disk now; once more when asked meanwhile. */
  async reload(): Promise<void> {
    const before = this.#reloading;
    this.#reloading = (async () => {
      await before;
      await this.#reloadAll();
    })();
    await this.#reloading;
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    await Promise.all(Array.from(this.#serving, dismiss));
  }

  /** A worker that is ready; undefined when it ended, or did not come so far in time. */
  async #launch(number: number): Promise<CrewMember | undefined> {
    const ready = Promise.withResolvers<boolean>();
    const member = startMember(number, this.#options.workers, (made) => ({
      ...this.#options.heardBy(made),
      ready: () => ready.resolve(true),
    }));
    member.process.once("exit", () => ready.resolve(false));
    const limit = setTimeout(() => ready.resolve(false), READY_WITHIN_MS);
    const isReady = await ready.promise;
    clearTimeout(limit);
    if (!isReady || this.#isClosing) {
      await dismiss(member);
      return undefined;
    }
    this.#serve(member);
    return member;
  }

  #serve(member: CrewMember): void {
    const { log, onReady, onGone } = this.#options;
    const sinceMs = performance.now();
    this.#serving.add(member);
    onReady(member);
    const watch = killWhenHanging(member, log);
    member.process.once("exit", (code, signal) => {
      clearInterval(watch);
      this.#serving.delete(member);
      onGone(member);
      if (member.isLeaving || this.#isClosing) return;
      const { number } = member;
      if (performance.now() - sinceMs > STEADY_MS) this.#failures.delete(number);
      log.error({ worker: number, code, signal }, "a worker died");
      void this.#replace(number);
    });
  }

  async #replace(number: number): Promise<void> {
    const { log } = this.#options;
    while (!this.#isClosing) {
      const failed = this.#failures.get(number) ?? 0;
      this.#failures.set(number, failed + 1);
      const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failed);
      await sleep(pauseMs, undefined, { ref: false });
      if (this.#isClosing) return;
      if (await this.#launch(number))
        return log.info({ worker: number, pauseMs }, "a worker that died is replaced");
      log.error({ worker: number }, "a worker does not start; it is tried again");
    }
  }

  async #reloadAll(): Promise<void> {
    const { log, workers } = this.#options;
    for (const member of this.serving) {
      if (this.#isClosing) return;
      if (hasEnded(member)) continue;
      if (!(await this.#launch(member.number)))
        return log.error({ worker: member.number }, "a new worker does not start: the old ones stay");
      await dismiss(member);
    }
    log.info({ workers }, "all workers are replaced");
  }
}

/** Tries one worker after the other: one may end while a connection is on its way. */
async function handTo(serving: Set<CrewMember>, socket: Socket): Promise<void> {
  socket.on("error", () => {});
  const member = leastBusy(serving);
  if (!member) {
    endWithProblem(socket, { status: 503, detail: "No worker of the gateway runs at the moment; come back" });
    return;
  }
  // Whoever was asked last comes last among equals.
  serving.delete(member);
  serving.add(member);
  member.open += 1;
  await member.line.hand("connection", socket).catch(() => {
    member.open -= 1;
    socket.destroy();
  });
}

function leastBusy(serving: ReadonlySet<CrewMember>): CrewMember | undefined {
  let least: CrewMember | undefined;
  for (const member of serving)
    if (!member.isLeaving && (least === undefined || member.open < least.open)) least = member;
  return least;
}

/** A worker whose event loop stands still serves nobody and ends by itself never. */
function killWhenHanging(member: CrewMember, log: Log): NodeJS.Timeout {
  let unanswered = 0;
  const look = async () => {
    unanswered = (await member.line.ask("alive")) === true ? 0 : unanswered + 1;
    if (unanswered < UNANSWERED_MOST || hasEnded(member)) return;
    log.error({ worker: member.number }, "a worker hangs; it is killed");
    member.process.kill("SIGKILL");
  };
  return setInterval(() => void look(), ALIVE_EVERY_MS).unref();
}
