/**
 * Streams whose `return` reaches their source at once. An async generator would queue it behind a pending
 * `next`, and a source that stays quiet would never learn that nobody listens any more.
 */

/** Each value of `source` through `map`; `onEnd` runs once, however the stream ends. */
export function mapStream<A, B>(
  source: AsyncIterator<A>,
  map: (value: A) => B | Promise<B>,
  onEnd: () => void = () => {},
): AsyncIterableIterator<B> {
  const end = once(onEnd);
  const stream: AsyncIterableIterator<B> = {
    next: async () => {
      try {
        const result = await source.next();
        if (result.done !== true) return { value: await map(result.value), done: false };
        end();
        return { value: undefined, done: true };
      } catch (error) {
        end();
        throw error;
      }
    },
    return: async () => {
      end();
      await source.return?.();
      return { value: undefined, done: true };
    },
    [Symbol.asyncIterator]: () => stream,
  };
  return stream;
}

/** A stream that is opened by the first `next`, and closed even when `return` comes while it opens. */
export function openOnDemand<T>(open: () => Promise<AsyncIterator<T>>): AsyncIterableIterator<T> {
  let opening: Promise<AsyncIterator<T>> | undefined;
  let ended = false;
  const done = { value: undefined, done: true } as const;
  const stream: AsyncIterableIterator<T> = {
    next: async () => {
      if (ended) return done;
      opening ??= open();
      const source = await opening;
      return ended ? done : source.next();
    },
    return: async () => {
      ended = true;
      if (opening) void opening.then((source) => source.return?.()).catch(() => {});
      return done;
    },
    [Symbol.asyncIterator]: () => stream,
  };
  return stream;
}

/** A stream of the given values. */
export function streamOf<T>(...values: T[]): AsyncIterableIterator<T> {
  const rest = [...values];
  const stream: AsyncIterableIterator<T> = {
    next: async () => {
      const [value] = rest.splice(0, 1);
      return value === undefined ? { value: undefined, done: true } : { value, done: false };
    },
    return: async () => {
      rest.length = 0;
      return { value: undefined, done: true };
    },
    [Symbol.asyncIterator]: () => stream,
  };
  return stream;
}

function once(action: () => void): () => void {
  let pending = true;
  return () => {
    if (pending) action();
    pending = false;
  };
}
