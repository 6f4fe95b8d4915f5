/** What a drill tells while it runs; all of it is printed. */
interface Report {
  /** Something that was done, in the past tense. */
  did(what: string): void;
  /** Something that was measured; the unit is part of the name. */
  figure(name: string, value: number | string): void;
  /** Part of the promise; the drill fails when one does not hold, and goes on. */
  check(what: string, holds: boolean, detail?: string): void;
}

export interface DrillContext {
  /** A few seconds and one round, for a first impression; otherwise everything that the promise names. */
  quick: boolean;
  report: Report;
  /** Done when the drill is over, however it ends, last one first. @throws Error once it is over */
  defer: (cleanUp: () => Promise<unknown> | void) => void;
}

/** A fault that is brought about on purpose, and what is promised when it happens. */
export interface Drill {
  /** As in `npm run drill -- NAME`. */
  name: string;
  promise: string;
  /** Anything thrown is a failure of the drill. */
  run(context: DrillContext): Promise<void>;
}
