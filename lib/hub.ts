import { setTimeout as sleep } from "node:timers/promises";

/**
 * Live values by key: many watchers, one read per change.
 *
 * A change is only a hint ("this key changed"); the value is re-read through `load`, once for all watchers.
 * Each watcher holds at most one value that it has not taken yet, the newest, so a slow one costs nothing
 * and never blocks another.
 */
export interface Hub<T> {
  /** The current value at once, then the newest value after every change; ends when the consumer returns. */
  watch(key: string): AsyncIterableIterator<T>;
  /** Says that the value of `key` may have changed. */
  changed(key: string): void;
  /** Says that changes may have been missed: every watched key is read again. */
  changedAll(): void;
  /** Keys with at least one watcher. */
  readonly watchedKeys: readonly string[];
  /** Ends every watcher. */
  close(): void;
}

/** How a hub reads a state, and what happens when it cannot. */
export interface HubOptions<T> {
  /** Reads the current value; undefined when there is none, which watchers do not see. */
  load(key: string): Promise<T | undefined>;
  /**
   * Begins to hear of changes of a key that nobody watched before, and settles when they are heard; the function that it
   * answers ends that. The first value is read after it, or without it when it takes long.
   */
  follow?(key: string): Promise<() => void>;
  /** Told of a failed read; the watchers keep what they have. */
  onError(error: unknown, key: string): void;
}

interface Topic<T> {
  watchers: Set<Watcher<T>>;
  /** Watchers that have not had their first value yet. */
  joining: Set<Watcher<T>>;
  /** The value may have changed since the last read began. */
  stale: boolean;
  reading: boolean;
  /** Until changes of the key are heard. */
  following: Promise<unknown> | undefined;
  /** Ends hearing of them. */
  end: (() => void) | undefined;
}

/** A state is worth more than the certainty that its next change is heard: that one is read again. */
const FOLLOWED_WITHIN_MS = 1_000;

/** Reads the state of a key once for all who watch it, whenever it has changed: `hub.watch(key)`, `hub.changed(key)`. */
export function createHub<T>(options: HubOptions<T>): Hub<T> {
  const topics = new Map<string, Topic<T>>();

  const read = async (key: string, topic: Topic<T>): Promise<void> => {
    if (topic.reading) return;
    topic.reading = true;
    await topic.following;
    while (topic.watchers.size > 0 && (topic.stale || topic.joining.size > 0)) {
      const audience = topic.stale ? topic.watchers : new Set(topic.joining);
      topic.stale = false;
      topic.joining.clear();
      await offer(options, key, audience);
    }
    topic.reading = false;
  };

  const begin = (key: string): Topic<T> => {
    const topic = emptyTopic<T>();
    topics.set(key, topic);
    if (options.follow)
      follow(topic, options.follow(key), {
        isOver: () => topics.get(key) !== topic,
        refresh: () => refresh(key, topic),
        onError: (error) => options.onError(error, key),
      });
    return topic;
  };

  const join = (key: string): Watcher<T> => {
    const topic = topics.get(key) ?? begin(key);
    const watcher = new Watcher<T>(() => {
      topic.watchers.delete(watcher);
      topic.joining.delete(watcher);
      if (topic.watchers.size > 0 || topics.get(key) !== topic) return;
      topics.delete(key);
      topic.end?.();
    });
    topic.watchers.add(watcher);
    topic.joining.add(watcher);
    void read(key, topic);
    return watcher;
  };

  const refresh = (key: string, topic: Topic<T>): void => {
    topic.stale = true;
    void read(key, topic);
  };

  return {
    watch: join,
    changed: (key) => {
      const topic = topics.get(key);
      if (topic) refresh(key, topic);
    },
    changedAll: () => {
      for (const [key, topic] of topics) refresh(key, topic);
    },
    get watchedKeys() {
      return [...topics.keys()];
    },
    close: () => {
      for (const topic of topics.values()) for (const watcher of topic.watchers) void watcher.return();
    },
  };
}

/** Reads the value of a key for those who wait for it. */
async function offer<T>(options: HubOptions<T>, key: string, audience: Iterable<Watcher<T>>): Promise<void> {
  try {
    const value = await options.load(key);
    if (value !== undefined) for (const watcher of audience) watcher.offer(value);
  } catch (error) {
    options.onError(error, key);
  }
}

const emptyTopic = <T>(): Topic<T> => ({
  watchers: new Set(),
  joining: new Set(),
  stale: false,
  reading: false,
  following: undefined,
  end: undefined,
});

interface Following {
  /** Nobody watches any more. */
  isOver(): boolean;
  refresh(): void;
  onError(error: unknown): void;
}

/** Has a topic wait until its changes are heard, but not for long: what is heard later is read again then. */
function follow(
  topic: Pick<Topic<unknown>, "following" | "end">,
  followed: Promise<() => void>,
  on: Following,
): void {
  let isLate = false;
  const heard = async () => {
    try {
      const end = await followed;
      topic.end = end;
      if (on.isOver()) end();
      else if (isLate) on.refresh();
    } catch (error) {
      on.onError(error);
    }
  };
  const untilLate = async () => {
    await sleep(FOLLOWED_WITHIN_MS, undefined, { ref: false });
    isLate = true;
  };
  topic.following = Promise.race([heard(), untilLate()]).finally(() => {
    topic.following = undefined;
  });
}

/** An async iterator that holds the newest value it was offered and forgets the ones before. */
class Watcher<T> implements AsyncIterableIterator<T> {
  #newest: { value: T } | undefined;
  #waiting: ((result: IteratorResult<T>) => void)[] = [];
  #ended = false;
  readonly #leave: () => void;

  constructor(leave: () => void) {
    this.#leave = leave;
  }

  offer(value: T): void {
    const waiting = this.#waiting.shift();
    if (waiting) waiting({ value, done: false });
    else this.#newest = { value };
  }

  next(): Promise<IteratorResult<T>> {
    if (this.#ended) return Promise.resolve({ value: undefined, done: true });
    const held = this.#newest;
    if (held === undefined) return new Promise((resolve) => this.#waiting.push(resolve));
    this.#newest = undefined;
    return Promise.resolve({ value: held.value, done: false });
  }

  return(): Promise<IteratorResult<T>> {
    if (!this.#ended) {
      this.#ended = true;
      this.#leave();
      for (const waiting of this.#waiting.splice(0)) waiting({ value: undefined, done: true });
    }
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
