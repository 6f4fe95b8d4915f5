import { keyChannel, type HintListener, type Notifications } from "./notify.ts";

/** Follows single keys of a channel, so that this process hears of what it watches and of nothing else. */
export interface KeyedHints {
  /** Settles when hints of the key are heard; the function that it answers ends that. */
  follow(key: string): Promise<() => void>;
  close(): Promise<void>;
}

/** PostgreSQL looks through a connection's list of channels for each hint that anybody tells; above this it gets the whole channel. */
const MOST_KEYS = 1_000;
const LOOK_EVERY_MS = 1_000;

/**
 * Listens to a channel of its own for each key. Whoever follows very many, or shares the database with a process of the
 * build before, which tells of whole channels only, listens to the whole channel.
 */
export function createKeyedHints(
  notifications: Pick<Notifications, "listen" | "hasOlderPeers">,
  channel: string,
  listener: HintListener,
): KeyedHints {
  const followed = new Map<string, Followed>();
  let whole: Listening | undefined;
  /** Keys that have no channel of their own. */
  let inWhole = 0;
  const listenTo = (name: string) => {
    const listening = notifications.listen(name, listener);
    listening.catch(() => undefined);
    return listening;
  };
  const hearWhole = (): Listening => {
    if (whole) return whole;
    whole = listenTo(channel);
    // What was told before that may have been missed.
    whole.then(
      () => listener.onGap(),
      () => undefined,
    );
    return whole;
  };
  const look = () => {
    if (notifications.hasOlderPeers) void hearWhole();
    else if (whole && inWhole === 0) {
      void leave(whole);
      whole = undefined;
    }
  };
  const begin = (key: string): Followed => {
    const hasOwn = followed.size - inWhole < MOST_KEYS;
    if (!hasOwn) inWhole += 1;
    const made = { count: 0, hasOwn, listening: hasOwn ? listenTo(keyChannel(channel, key)) : hearWhole() };
    followed.set(key, made);
    return made;
  };
  const looking = setInterval(look, LOOK_EVERY_MS).unref();
  return {
    follow: async (key) => {
      const known = followed.get(key) ?? begin(key);
      known.count += 1;
      await known.listening;
      return () => {
        known.count -= 1;
        if (known.count > 0 || followed.get(key) !== known) return;
        followed.delete(key);
        if (known.hasOwn) void leave(known.listening);
        else inWhole -= 1;
      };
    },
    close: async () => {
      clearInterval(looking);
      const all = new Set([...followed.values()].map(({ listening }) => listening));
      if (whole) all.add(whole);
      followed.clear();
      await Promise.all(Array.from(all, leave));
    },
  };
}

type Listening = Promise<() => Promise<void>>;

interface Followed {
  /** Those who follow it. */
  count: number;
  hasOwn: boolean;
  listening: Listening;
}

const leave = (listening: Listening): Promise<void> =>
  listening.then(
    (end) => end(),
    () => undefined,
  );
