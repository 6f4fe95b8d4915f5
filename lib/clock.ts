/** Time as a dependency, so that tests can decide what time it is. */
export interface Clock {
  /** Wall-clock time, for what is stored or shown. */
  now(): Date;
  /** Milliseconds that never jump, for durations. */
  monotonicMs(): number;
}

/** The real time; tests take one that stands still. */
export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
};
