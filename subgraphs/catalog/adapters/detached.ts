export interface DetachedOptions {
  /** Tasks at the same time; more than that are dropped, because nobody waits for them. */
  maxConcurrent: number;
  onError: (error: unknown) => void;
  onDropped: () => void;
}

/** Work behind the back of a caller: started after the answer, never waited for, never in the way. */
export function createDetached(options: DetachedOptions) {
  const running = new Set<Promise<void>>();
  return {
    start: (task: () => Promise<void>): void => {
      if (running.size >= options.maxConcurrent) return options.onDropped();
      const ended = new Promise<void>((resolve) => setImmediate(resolve))
        .then(task)
        .catch(options.onError)
        .finally(() => running.delete(ended));
      running.add(ended);
    },
    /** Waits for what is running. */
    close: async (): Promise<void> => {
      await Promise.all(running);
    },
  };
}
