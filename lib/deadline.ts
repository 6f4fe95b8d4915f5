/** How many milliseconds the answer to a request is still worth waiting for. */
export const DEADLINE_HEADER = "x-deadline-ms";

const LONGEST_MS = 600_000;

/** The milliseconds in a deadline header; undefined for anything but a whole number from 1 to 600,000. */
export function deadlineFrom(header: unknown): number | undefined {
  const isNumber = typeof header === "string" && /^[1-9]\d{0,5}$/.test(header);
  return isNumber && Number(header) <= LONGEST_MS ? Number(header) : undefined;
}

/** What `work` comes to, or what `late` makes of it once the time is over. */
export async function withinMs<T>(work: Promise<T>, limitMs: number, late: () => T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const ending = new Promise<T>((resolve, reject) => {
    timer = setTimeout(() => {
      try {
        resolve(late());
      } catch (error) {
        reject(error);
      }
    }, limitMs);
  });
  try {
    return await Promise.race([work, ending]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * What `work` comes to, or an error as soon as the signal is given; the work may go on then, and its result is dropped.
 *
 * @throws the signal's reason, or whatever `work` throws
 */
export async function unlessAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason as Error);
  signal.addEventListener("abort", abort);
  try {
    return await Promise.race([work(), aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
