export interface DetachedOptions {
  /** Tasks at the same time; others wait for their turn. */
  maxConcurrent: number;
  /** Subjects that may wait; what is about others is told of as dropped. */
  maxWaiting: number;
  onError: (error: unknown) => void;
  onDropped: (subject: string) => void;
}

/**
 * Work behind the back of a caller: started after the answer, never waited for, never in the way. Of a subject at most one
 * task waits, since it will see what the next one would; so a subject that is busy does not crowd out the others.
 *
 * @example detached.start("FILTER", () => compare("FILTER"))
 */
export function createDetached(options: DetachedOptions) {
  const running = new Set<Promise<void>>();
  const waiting = new Map<string, () => Promise<void>>();
  const next = (): void => {
    const [first] = waiting;
    if (!first || running.size >= options.maxConcurrent) return;
    const [subject, task] = first;
    waiting.delete(subject);
    const ended = new Promise<void>((resolve) => setImmediate(resolve))
      .then(task)
      .catch(options.onError)
      .finally(() => {
        running.delete(ended);
        next();
      });
    running.add(ended);
  };
  return {
    start: (subject: string, task: () => Promise<void>): void => {
      if (waiting.has(subject)) return;
      if (waiting.size >= options.maxWaiting) return options.onDropped(subject);
      waiting.set(subject, task);
      next();
    },
    /** Waits for what is running; what has not begun does not. */
    close: async (): Promise<void> => {
      waiting.clear();
      await Promise.all(running);
    },
  };
}
