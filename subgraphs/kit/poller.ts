export interface PollerOptions {
  /** Time between the end of one poll and the start of the next, in milliseconds; 0 never polls. */
  intervalMs: number;
  /** While this is true, a second is long enough. */
  isUrgent?: () => boolean;
  poll(): Promise<void>;
  /** Told of a failed poll; the next one comes all the same. */
  onError(error: unknown): void;
}

const URGENT_MS = 1_000;

/** Does something again and again, one at a time, until it is closed. */
export function createPoller(options: PollerOptions): { close(): void } {
  const { intervalMs, isUrgent = () => false } = options;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = intervalMs === 0;
  const schedule = () => {
    if (!isClosed)
      timer = setTimeout(poll, isUrgent() ? Math.min(URGENT_MS, intervalMs) : intervalMs).unref();
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
