import { fork, type ChildProcess } from "node:child_process";
import { constants, setPriority } from "node:os";
import { fileURLToPath } from "node:url";
import type { QueryPlan } from "@graphql-hive/router-query-planner";
import { messageOf } from "../../../lib/errors.ts";
import type { LoadedSupergraph } from "../../supergraph/supergraph.ts";
import type { PlanRequest } from "../plan.ts";

const CHILD = fileURLToPath(new URL("planner-child.js", import.meta.url));

/** How long the process is kept when nobody asks. */
const IDLE_MS = 30_000;
/** A plan takes a millisecond; a process that is silent for this long is ended, and others plan for those who wait. */
const PATIENCE_MS = 5_000;
/** How long nobody is planned for after an operation that ended the process: starting one costs more than planning. */
const REST_MS = 1_000;
/** Supergraphs that the process keeps: the one in force, and those of other gateways in this process. */
const KEPT = 4;

type Source = Pick<LoadedSupergraph, "id" | "sdl">;

interface Reply {
  id: number;
  plan?: QueryPlan;
  problem?: string;
}

interface Child {
  process: ChildProcess;
  waiting: Map<number, PromiseWithResolvers<Reply>>;
  /** Supergraphs that it has, the one used last at the end. */
  supergraphs: Map<string, Promise<Reply>>;
}

/**
 * The native planner, which ends its process over some valid operations and so gets one of its own. One process serves all
 * supergraphs of this one; it starts when it is needed, and ends when nobody has asked for a while.
 */
export class PlannerProcess {
  #child: Child | undefined;
  #idle: NodeJS.Timeout | undefined;
  #lastId = 0;
  #restsUntilMs = Number.NEGATIVE_INFINITY;

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
  async plan(source: Source, { text, labels, percentile }: PlanRequest): Promise<QueryPlan> {
    if (performance.now() < this.#restsUntilMs)
      throw new Error("The native planner has just ended over an operation");
    const child = (this.#child ??= this.#start());
    const known = this.#introduce(child, source);
    const asked = this.#ask(child, { supergraph: source.id, text, labels: [...labels], percentile });
    // Whoever waits hears of the supergraph first.
    asked.catch(() => {});
    const { problem: unusable } = await known;
    if (unusable !== undefined) throw new Error(unusable);
    const { plan, problem } = await asked;
    if (!plan) throw new Error(problem ?? "The native planner gave no plan");
    return plan;
  }

  #introduce(child: Child, { id, sdl }: Source): Promise<Reply> {
    const { supergraphs } = child;
    const known = supergraphs.get(id);
    supergraphs.delete(id);
    const [oldest] = supergraphs.keys();
    const forget = supergraphs.size >= KEPT ? oldest : undefined;
    if (forget !== undefined) supergraphs.delete(forget);
    const introduced = known ?? this.#ask(child, { supergraph: id, sdl, forget });
    introduced.catch(() => {});
    supergraphs.set(id, introduced);
    return introduced;
  }

  #ask({ process, waiting }: Child, message: object): Promise<Reply> {
    this.#lastId += 1;
    const id = this.#lastId;
    const reply = Promise.withResolvers<Reply>();
    waiting.set(id, reply);
    clearTimeout(this.#idle);
    process.ref();
    process.channel?.ref();
    process.send({ id, ...message }, (error) => error && reply.reject(error));
    const patience = setTimeout(() => process.kill("SIGKILL"), PATIENCE_MS);
    patience.unref();
    return reply.promise.finally(() => clearTimeout(patience));
  }

  #start(): Child {
    const process = fork(CHILD, [], { stdio: ["ignore", "ignore", "ignore", "ipc"], execArgv: [] });
    // Where processors are few, answers come before plans.
    if (process.pid !== undefined) setPriority(process.pid, constants.priority.PRIORITY_BELOW_NORMAL);
    const child: Child = { process, waiting: new Map(), supergraphs: new Map() };
    const { waiting } = child;
    const ended = (why: string) => {
      if (this.#child === child) this.#child = undefined;
      if (waiting.size > 0) this.#restsUntilMs = performance.now() + REST_MS;
      for (const { reject } of waiting.values())
        reject(new Error(`The process of the native planner ${why}`));
      waiting.clear();
    };
    process.on("message", (reply: Reply) => {
      waiting.get(reply.id)?.resolve(reply);
      waiting.delete(reply.id);
      if (waiting.size === 0) this.#rest(child);
    });
    process.once("error", (error) => ended(`cannot be started: ${error.message}`));
    process.once("exit", (code, signal) => ended(`ended with ${signal ?? String(code)}`));
    return child;
  }

  /** Holds up nobody who wants to end, and ends the process after a while. */
  #rest(child: Child): void {
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
