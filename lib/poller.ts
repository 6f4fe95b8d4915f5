export interface PollerOptions {
  /** Time between the end of one poll and the start of the next, in milliseconds; 0 never polls. */
  intervalMs: number;
  poll(): Promise<void>;
  /** Told of a failed poll; the next one comes all the same. */
  onError(error: unknown): void;
}

/** Does something again and again, one at a time, until it is closed. */
export function createPoller(options: PollerOptions): { close(): void } {
  const { intervalMs } = options;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = intervalMs === 0;
  const schedule = () => {
    if (!isClosed) timer = setTimeout(poll, intervalMs).unref();
  };
  const poll = () =>
    void options
      .poll()
      .catch((error: unknown) => options.onError(error))
      .finally(schedule);
  schedule();
  return {
    close: () => {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}
