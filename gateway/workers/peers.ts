import type { HeldLimit } from "../errors/limit-names.ts";
import type { HeldElsewhere, Peers } from "../limits/peers.ts";
import type { Line } from "./line.ts";

/** How much is held of a key under a limit: limit, key, count. */
export type HeldChange = readonly [limit: string, key: string, count: number];

/** How often workers tell what they hold: what they may give away too much is what they give within this time. */
const TELL_EVERY_MS = 50;
/** A worker keeps a share to itself that is so small that all of them together stay near the limit: a sixteenth. */
const UNTOLD_SHARE = 16;

/** The other workers, as this one sees them through its primary. */
export interface WorkerPeers extends Peers {
  /** The primary's words about what others hold, and about documents. */
  heard: {
    elsewhere(changes: readonly HeldChange[]): void;
    document(told: { hash: string; text: string }): void;
  };
}

export function createPeers(line: () => Line, workers: number): WorkerPeers {
  const { elsewhere, ...held } = createHeld(line, workers);
  const listeners: ((hash: string, text: string) => void)[] = [];
  return {
    held,
    buckets: {
      spend: (spent) => line().ask<number[]>("spend", spent),
      problem: () => undefined,
      close: async () => {},
    },
    documents: {
      tell: (hash, text) => line().tell("document", { hash, text }),
      onTold: (listener) => void listeners.push(listener),
    },
    heard: {
      elsewhere,
      document: ({ hash, text }) => {
        for (const listener of listeners) listener(hash, text);
      },
    },
  };
}

const nameOf = (limit: string, key: string) => `${limit} ${key}`;

function createHeld(line: () => Line, workers: number) {
  const others = new Map<string, number>();
  const told = new Set<string>();
  const untold = new Map<string, HeldChange>();
  let telling: NodeJS.Timeout | undefined;
  const tell = () => {
    telling = undefined;
    line().tell("held", [...untold.values()]);
    untold.clear();
  };
  const held: HeldElsewhere = {
    of: (limit: HeldLimit, key) => others.get(nameOf(limit, key)) ?? 0,
    changed: (limit, key, { count, most }) => {
      const name = nameOf(limit, key);
      const matters = count > most / (UNTOLD_SHARE * workers);
      if (!matters && !told.has(name)) return;
      told[matters ? "add" : "delete"](name);
      untold.set(name, [limit, key, matters ? count : 0]);
      telling ??= setTimeout(tell, TELL_EVERY_MS).unref();
    },
  };
  return {
    ...held,
    elsewhere: (changes: readonly HeldChange[]) => {
      for (const [limit, key, count] of changes) {
        if (count === 0) others.delete(nameOf(limit, key));
        else others.set(nameOf(limit, key), count);
      }
    },
  };
}
