/**
 * Streams whose `return` reaches their source at once. An async generator would queue it behind a pending
 * `next`, and a source that stays quiet would never learn that its last listener has left.
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

/** The values of several streams as they come; ends when all have ended, and closes all when it is closed. */
export function mergeStreams<T>(sources: readonly AsyncIterator<T>[]): AsyncIterableIterator<T> {
  const done: IteratorResult<T> = { value: undefined, done: true };
  const open = new Set(sources);
  const pending = new Map<AsyncIterator<T>, Promise<[AsyncIterator<T>, IteratorResult<T>]>>();
  const nextOf = (source: AsyncIterator<T>) => {
    const next =
      pending.get(source) ??
      source.next().then((result) => [source, result] as const as [typeof source, typeof result]);
    pending.set(source, next);
    return next;
  };
  const stream: AsyncIterableIterator<T> = {
    next: async () => {
      while (open.size > 0) {
        const [source, result] = await Promise.race([...open].map(nextOf));
        pending.delete(source);
        // Whoever has just had a turn goes to the end of the line.
        open.delete(source);
        if (result.done === true) continue;
        open.add(source);
        return result;
      }
      return done;
    },
    return: async () => {
      const closing = [...open];
      open.clear();
      await Promise.all(closing.map(async (source) => source.return?.()));
      return done;
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
