import type { Target } from "./target.ts";

/** One thing that a protocol asks of a server. */
export interface Rule {
  /** Stays the same for ever: reports are compared by it. */
  id: string;
  level: "MUST" | "SHOULD";
  /** What has to hold, as a sentence. */
  says: string;
  /** The place in the specification. */
  source: string;
  /**
   * @throws Failed when the server does otherwise
   * @throws Skipped when that cannot be seen here
   */
  check: (target: Target) => Promise<void>;
}

/** What came of a rule, with the reason where it did not pass. */
export interface Outcome extends Omit<Rule, "check"> {
  result: "pass" | "fail" | "skip";
  reason?: string;
  ms: number;
}

/** The server breaks the rule; the message says what it did. */
export class Failed extends Error {}

/** The rule cannot be checked here; the message says what is missing. */
export class Skipped extends Error {}

/** @throws Failed with what the server did when that is not what it should have done */
export function requireThat(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Failed(otherwise);
}

/** Checks a rule. Whatever is thrown, such as a server that cannot be reached, is a failure. */
export async function outcomeOf(rule: Rule, target: Target): Promise<Outcome> {
  const { check, ...about } = rule;
  const startedMs = performance.now();
  const ended = (result: Outcome["result"], reason?: string): Outcome => {
    const ms = Math.round(performance.now() - startedMs);
    return { ...about, result, ...(reason !== undefined && { reason }), ms };
  };
  try {
    await check(target);
    return ended("pass");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return ended(error instanceof Skipped ? "skip" : "fail", reason);
  }
}

type Asked = "subscription" | "ending" | "large" | "defer" | "stream";

/**
 * The text of an operation that a rule is checked with.
 *
 * @throws Skipped naming the option when it is not given
 */
export function given(target: Target, name: Asked): string {
  const text = target[name];
  if (text === undefined) throw new Skipped(`--${name} is not given`);
  return text;
}
