import { fork, type ChildProcess } from "node:child_process";
import { constants, setPriority } from "node:os";
import { fileURLToPath } from "node:url";
import { messageOf } from "../../../lib/errors.ts";
import type { LoadedSupergraph } from "../../supergraph/supergraph.ts";
import type { PlanRequest } from "../plan.ts";

/** How long the process is kept when nobody asks. */
const IDLE_MS = 30_000;
/** Supergraphs that the process keeps: the one in force, and those of other gateways in this process. */
const KEPT = 4;

export type Source = Pick<LoadedSupergraph, "id" | "sdl">;

/** What a planner's process is sent: a supergraph, or an operation for one. */
export interface PlannerMessage {
  id: number;
  supergraph: string;
  sdl?: string;
  /** A supergraph that is not needed any more. */
  forget?: string | undefined;
  text?: string;
  labels?: readonly string[];
  percentile?: number;
  isDeferred?: boolean;
}

interface Reply<P> {
  id: number;
  plan?: P;
  problem?: string;
}

interface Child<P> {
  process: ChildProcess;
  waiting: Map<number, PromiseWithResolvers<Reply<P>>>;
  /** Supergraphs that it has, the one used last at the end. */
  supergraphs: Map<string, Promise<Reply<P>>>;
}

export interface PlannerProcessOptions {
  /** What it is called in errors, as in "native planner". */
  name: string;
  /** The file that the process runs, from this folder. */
  file: string;
  /** A process that takes longer than this to load and read a supergraph is ended. */
  loadingMs: number;
  /** A process that takes longer than this over an operation is ended, and others plan for those who wait. */
  patienceMs: number;
  /** How long no plan is made after an operation that ended the process: starting one costs more than planning. */
  restMs: number;
}

/** The process of a planner has ended over an operation: whoever asks for the same again ends the next one. */
export class PlannerEnded extends Error {}

/**
 * A planner that may end its process, or never come to an end, over a valid operation, and so gets a process of its own.
 * One process serves all supergraphs of this one; it starts when it is needed, and ends when nobody has asked for a while.
 * `P` is what its plans are, made of what can be cloned.
 */
export class PlannerProcess<P> {
  readonly #options: PlannerProcessOptions;
  #child: Child<P> | undefined;
  #idle: NodeJS.Timeout | undefined;
  #lastId = 0;
  #restsUntilMs = Number.NEGATIVE_INFINITY;

  constructor(options: PlannerProcessOptions) {
    this.#options = options;
  }

  /** What keeps the planner from a supergraph: undefined when it reads it, also for later processes. */
  async problemWith(source: Source): Promise<string | undefined> {
    try {
      const { problem } = await this.#introduce((this.#child ??= this.#start()), source);
      return problem;
    } catch (error) {
      return messageOf(error);
    }
  }

  /**
   * @throws Error when the planner cannot plan the operation, or the process ended over it or gave no answer in time
   */
  async plan(source: Source, { text, labels, percentile, isDeferred = false }: PlanRequest): Promise<P> {
    const { name } = this.#options;
    if (performance.now() < this.#restsUntilMs)
      throw new PlannerEnded(`The ${name} has just ended over an operation`);
    const { patienceMs } = this.#options;
    const child = (this.#child ??= this.#start());
    const known = this.#introduce(child, source);
    const operation = { text, labels: [...labels], percentile, isDeferred };
    const asked = this.#ask(child, { supergraph: source.id, ...operation }, { patienceMs, from: known });
    // Whoever waits hears of the supergraph first.
    asked.catch(() => {});
    const { problem: unusable } = await known;
    if (unusable !== undefined) throw new Error(unusable);
    const { plan, problem } = await asked;
    if (!plan) throw new Error(problem ?? `The ${name} gave no plan`);
    return plan;
  }

  #introduce(child: Child<P>, { id, sdl }: Source): Promise<Reply<P>> {
    const { supergraphs } = child;
    const known = supergraphs.get(id);
    supergraphs.delete(id);
    const [oldest] = supergraphs.keys();
    const forget = supergraphs.size >= KEPT ? oldest : undefined;
    if (forget !== undefined) supergraphs.delete(forget);
    const { loadingMs: patienceMs } = this.#options;
    const introduced = known ?? this.#ask(child, { supergraph: id, sdl, forget }, { patienceMs });
    introduced.catch(() => {});
    supergraphs.set(id, introduced);
    return introduced;
  }

  /** Waits for an answer, patiently for so long from the moment that `from` is there. */
  #ask(
    { process, waiting }: Child<P>,
    message: Omit<PlannerMessage, "id">,
    { patienceMs, from = Promise.resolve() }: { patienceMs: number; from?: Promise<unknown> },
  ): Promise<Reply<P>> {
    this.#lastId += 1;
    const id = this.#lastId;
    const reply = Promise.withResolvers<Reply<P>>();
    waiting.set(id, reply);
    clearTimeout(this.#idle);
    process.ref();
    process.channel?.ref();
    process.send({ id, ...message }, (error) => error && reply.reject(error));
    let patience: NodeJS.Timeout | undefined;
    const wait = () => {
      if (waiting.get(id) === reply) patience = setTimeout(() => process.kill("SIGKILL"), patienceMs).unref();
    };
    from.then(wait, () => {});
    return reply.promise.finally(() => clearTimeout(patience));
  }

  #start(): Child<P> {
    const file = fileURLToPath(new URL(this.#options.file, import.meta.url));
    const process = fork(file, [], {
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      execArgv: [],
      serialization: "advanced",
    });
    giveWay(process.pid);
    const child: Child<P> = { process, waiting: new Map(), supergraphs: new Map() };
    const { waiting } = child;
    const ended = (why: string) => {
      if (this.#child === child) this.#child = undefined;
      if (waiting.size > 0) this.#restsUntilMs = performance.now() + this.#options.restMs;
      for (const { reject } of waiting.values())
        reject(new PlannerEnded(`The process of the ${this.#options.name} ${why}`));
      waiting.clear();
    };
    process.on("message", (reply: Reply<P>) => {
      waiting.get(reply.id)?.resolve(reply);
      waiting.delete(reply.id);
      if (waiting.size === 0) this.#rest(child);
    });
    process.once("error", (error) => ended(`cannot be started: ${error.message}`));
    process.once("exit", (code, signal) => ended(`ended with ${signal ?? String(code)}`));
    return child;
  }

  /** Does not keep this process from ending, and ends the planner's after a while. */
  #rest(child: Child<P>): void {
    child.process.unref();
    child.process.channel?.unref();
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      if (this.#child === child) this.#child = undefined;
      child.process.disconnect();
    }, IDLE_MS);
    this.#idle.unref();
  }
}

/** Where processors are few, answers come before plans; where a machine does not allow that, plans are made all the same. */
function giveWay(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // A sandbox may forbid it, and nothing depends on it.
  }
}
