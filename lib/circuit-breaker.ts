import type { Clock } from "./clock.ts";
import { messageOf, withoutStack } from "./errors.ts";
import type { Log } from "./log.ts";
import {
  admits,
  closedCircuit,
  failuresInWindow,
  nextCircuit,
  type Circuit,
  type CircuitEvent,
  type CircuitKind,
  type CircuitRules,
  type SharedCircuit,
} from "./circuit.ts";

/** A change of a circuit's state. */
export interface CircuitTransition {
  circuit: string;
  from: CircuitKind;
  to: CircuitKind;
  cause: string | null;
  at: Date;
}

/** A circuit breaker as people see it. */
export interface CircuitSnapshot {
  name: string;
  state: CircuitKind;
  failuresInWindow: number;
  threshold: number;
  windowSeconds: number;
  openedAt: Date | null;
  nextProbeAt: Date | null;
  cause: string | null;
  version: string;
}

/** What the end of a failed call means to the circuit. */
export interface Verdict {
  /** False for failures that say nothing about the other side's health. */
  counts: boolean;
  /** Milliseconds that the other side asked to wait. */
  retryAfterMs?: number | undefined;
}

/** When it opens, and for how long. */
export interface CircuitBreakerConfig {
  name: string;
  rules: CircuitRules;
  /** Milliseconds after which a call counts as failed, although its result is passed on. */
  slowCallMs: number;
}

/** What a breaker is told by, and whom it tells. */
export interface CircuitBreakerDeps {
  clock: Clock;
  log: Log;
  /** 0-1 */
  random: () => number;
  /** Judges what a call threw. */
  judge: (error: unknown) => Verdict;
  /** Calls the other side once, so that a circuit without traffic heals too. */
  probe: () => Promise<unknown>;
  /** Told of every change of state by this replica, in order; must not throw. */
  onTransition: (transition: CircuitTransition) => void;
  /** Told of every change of state that followed another replica; must not throw. */
  onFollowed: (transition: CircuitTransition) => void;
}

/** Stands before something that may be out of order, and refuses calls while it is. */
export interface CircuitBreaker {
  /**
   * Runs the call unless the circuit refuses it.
   *
   * @throws CircuitOpenError when refused, else whatever the call throws
   */
  run<T>(call: () => Promise<T>): Promise<T>;
  snapshot(): CircuitSnapshot;
  /** Refuses every call until it is released; `cause` says who wants it and why. */
  isolate(cause: string): void;
  /** Ends an isolation, closed; does nothing to a circuit that is not isolated. `cause` is for the history. */
  release(cause?: string): void;
  /** Follows another replica, without telling anybody. */
  follow(other: SharedCircuit): void;
  /** What the other replicas have to know of this one. */
  shared(): SharedCircuit;
  close(): void;
}

/** The call was refused without being tried. */
export class CircuitOpenError extends Error {
  /** Milliseconds until a call may be admitted again; 0 when that depends on probes under way. */
  readonly retryAfterMs: number;

  constructor(name: string, retryAfterMs: number) {
    super(`The circuit ${name} is open`);
    this.name = "CircuitOpenError";
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * Guards calls to another system with the state machine of `circuit.ts`.
 *
 * Not cockatiel's breaker: none of its strategies can say "5 failures within 30 s, whatever succeeds in
 * between", its open circuit waits for traffic before it probes, callers queue behind a probe and then all run
 * at once, and a call that began before the circuit opened can re-open it when it ends. Timeouts, retries and
 * bulkheads are cockatiel's.
 */
export function createCircuitBreaker(config: CircuitBreakerConfig, deps: CircuitBreakerDeps): CircuitBreaker {
  return new RunningBreaker(config, deps);
}

class RunningBreaker implements CircuitBreaker {
  readonly #config: CircuitBreakerConfig;
  readonly #deps: CircuitBreakerDeps;
  #circuit: Circuit = closedCircuit;
  #openedAt: Date | null = null;
  #nextProbeAt: Date | null = null;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  #isFollowing = false;
  /** Why a person closes the circuit, while that happens. */
  #released: string | null = null;

  constructor(config: CircuitBreakerConfig, deps: CircuitBreakerDeps) {
    this.#config = config;
    this.#deps = deps;
  }

  async run<T>(call: () => Promise<T>): Promise<T> {
    this.#apply({ type: "time-passed", atMs: this.#nowMs() });
    if (!admits(this.#config.rules, this.#circuit)) throw this.#refusal();
    const { generation } = this.#circuit;
    this.#apply({ type: "call-started", atMs: this.#nowMs() });
    const startedAtMs = this.#nowMs();
    try {
      const result = await call();
      const durationMs = this.#nowMs() - startedAtMs;
      const isSlow = durationMs > this.#config.slowCallMs;
      if (isSlow) this.#fail(generation, `slow: an answer took ${Math.round(durationMs)} ms`);
      else this.#apply({ type: "call-succeeded", generation, atMs: this.#nowMs() });
      return result;
    } catch (error) {
      this.#applyFailure(generation, error);
      throw error;
    }
  }

  snapshot(): CircuitSnapshot {
    const { name, rules } = this.#config;
    const circuit = this.#circuit;
    return {
      name,
      state: circuit.kind,
      failuresInWindow: failuresInWindow(rules, circuit, this.#nowMs()),
      threshold: rules.threshold,
      windowSeconds: rules.windowMs / 1000,
      openedAt: this.#openedAt,
      nextProbeAt: this.#nextProbeAt,
      cause: circuit.kind === "CLOSED" ? null : circuit.cause,
      version: String(circuit.generation),
    };
  }

  isolate(cause: string): void {
    this.#apply({ type: "isolated", atMs: this.#nowMs(), cause });
  }

  release(cause?: string): void {
    this.#released = cause ?? null;
    this.#apply({ type: "released", atMs: this.#nowMs() });
    this.#released = null;
  }

  follow(other: SharedCircuit): void {
    this.#isFollowing = true;
    this.#apply({ type: "followed", atMs: this.#nowMs(), other });
    this.#isFollowing = false;
  }

  shared(): SharedCircuit {
    const circuit = this.#circuit;
    if (circuit.kind === "CLOSED") return { kind: "CLOSED", generation: circuit.generation };
    if (circuit.kind !== "HALF_OPEN") return circuit;
    const { cause, generation, openings } = circuit;
    const probeAtMs = this.#nowMs() + this.#config.rules.openMs;
    return { kind: "OPEN", generation, cause, openings, probeAtMs };
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #applyFailure(generation: number, error: unknown): void {
    const { counts, retryAfterMs = 0 } = this.#deps.judge(error);
    if (!counts) return this.#apply({ type: "call-irrelevant", generation, atMs: this.#nowMs() });
    this.#fail(generation, messageOf(error), retryAfterMs);
  }

  #fail(generation: number, cause: string, retryAfterMs = 0): void {
    const jitter = this.#deps.random();
    this.#apply({ type: "call-failed", generation, atMs: this.#nowMs(), cause, jitter, retryAfterMs });
  }

  #apply(event: CircuitEvent): void {
    const before = this.#circuit;
    this.#circuit = nextCircuit(this.#config.rules, before, event);
    if (this.#circuit.generation !== before.generation) this.#changed(before);
  }

  #changed(before: Circuit): void {
    const circuit = this.#circuit;
    const at = this.#deps.clock.now();
    const waitMs = circuit.kind === "OPEN" ? circuit.probeAtMs - this.#nowMs() : undefined;
    if (circuit.kind === "CLOSED") this.#openedAt = null;
    else this.#openedAt ??= at;
    this.#nextProbeAt = waitMs === undefined ? null : new Date(at.getTime() + waitMs);
    this.#wakeIn(circuit.kind === "HALF_OPEN" ? 0 : waitMs);
    const cause = circuit.kind === "CLOSED" ? this.#released : circuit.cause;
    const transition = { circuit: this.#config.name, from: before.kind, to: circuit.kind, cause, at };
    if (this.#isFollowing) this.#deps.onFollowed(transition);
    else this.#deps.onTransition(transition);
  }

  /** Traffic may stay away, so time moves the circuit too. */
  #wakeIn(waitMs: number | undefined): void {
    clearTimeout(this.#timer);
    if (waitMs === undefined || this.#closed) return;
    // Rounded up, because a timer that fires a fraction too early would find nothing to do.
    this.#timer = setTimeout(() => void this.#wake(), Math.ceil(waitMs) + 1);
    this.#timer.unref();
  }

  async #wake(): Promise<void> {
    if (this.#circuit.kind === "HALF_OPEN") await this.#probeUntilDecided(this.#circuit.generation);
    else this.#apply({ type: "time-passed", atMs: this.#nowMs() });
  }

  async #probeUntilDecided(generation: number): Promise<void> {
    const { name, rules } = this.#config;
    for (let probe = 0; probe < rules.probes && this.#circuit.generation === generation; probe += 1) {
      try {
        await this.run(this.#deps.probe);
      } catch (error) {
        this.#deps.log.debug({ err: error, circuit: name }, "probe failed");
      }
    }
    if (this.#circuit.generation === generation) this.#wakeIn(rules.openMs);
  }

  #refusal(): CircuitOpenError {
    const circuit = this.#circuit;
    const retryAfterMs = circuit.kind === "OPEN" ? Math.max(0, circuit.probeAtMs - this.#nowMs()) : 0;
    return withoutStack(() => new CircuitOpenError(this.#config.name, Math.ceil(retryAfterMs)));
  }

  #nowMs(): number {
    return this.#deps.clock.monotonicMs();
  }
}
