import { describe, expect, test } from "vitest";
import { createHub } from "../../lib/hub.ts";
import { waitFor } from "../../lib/wait.ts";

/** A hub over a map, which counts its reads and can hold them back. */
function mapHub(initial: Record<string, number>) {
  const values = new Map(Object.entries(initial));
  const reads: string[] = [];
  const failures: unknown[] = [];
  let gate = Promise.resolve();
  const hub = createHub<number>({
    load: async (key) => {
      reads.push(key);
      await gate;
      const value = values.get(key);
      if (value === -1) throw new Error("unreadable");
      return value;
    },
    onError: (error) => failures.push(error),
  });
  const hold = () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    gate = promise;
    return resolve;
  };
  return { hub, values, reads, failures, hold };
}

describe("a hub", () => {
  test("gives a new watcher the current value, then each change", async () => {
    const { hub, values } = mapHub({ a: 1 });
    const watcher = hub.watch("a");
    expect(await watcher.next()).toEqual({ value: 1, done: false });
    values.set("a", 2);
    hub.changed("a");
    expect(await watcher.next()).toEqual({ value: 2, done: false });
  });

  test("does not tell the others when a watcher joins", async () => {
    const { hub } = mapHub({ a: 1 });
    const first = hub.watch("a");
    await first.next();
    let told = false;
    void first.next().then(() => (told = true));
    await hub.watch("a").next();
    await new Promise(setImmediate);
    expect(told).toBe(false);
  });

  test("reads once for all watchers of a key", async () => {
    const { hub, reads } = mapHub({ a: 1 });
    const watchers = [hub.watch("a"), hub.watch("a"), hub.watch("a")];
    await Promise.all(watchers.map((watcher) => watcher.next()));
    const before = reads.length;
    hub.changed("a");
    await Promise.all(watchers.map((watcher) => watcher.next()));
    expect(reads.length - before).toBe(1);
  });

  test("reads again when a change arrives during a read, so that the last value is never missed", async () => {
    const { hub, values, hold } = mapHub({ a: 1 });
    const watcher = hub.watch("a");
    await watcher.next();
    const release = hold();
    hub.changed("a");
    values.set("a", 3);
    hub.changed("a");
    release();
    const seen: unknown[] = [];
    while (seen.at(-1) !== 3) seen.push((await watcher.next()).value);
    expect(seen.at(-1)).toBe(3);
  });

  test("keeps only the newest value for a watcher that does not take any", async () => {
    const { hub, values, reads } = mapHub({ a: 0 });
    const slow = hub.watch("a");
    await slow.next();
    for (const value of [1, 2, 3]) {
      values.set("a", value);
      const before = reads.length;
      hub.changed("a");
      await waitFor(() => reads.length > before);
      await Promise.resolve();
    }
    await waitFor(async () => (await slow.next()).value === 3);
  });

  test("reads nothing for keys that nobody watches, and forgets keys whose last watcher left", async () => {
    const { hub, reads } = mapHub({ a: 1 });
    hub.changed("a");
    expect(reads).toEqual([]);
    const watcher = hub.watch("a");
    await watcher.next();
    expect(hub.watchedKeys).toEqual(["a"]);
    await watcher.return?.();
    expect(hub.watchedKeys).toEqual([]);
  });

  test("ends a waiting watcher at once when it returns, and all of them when the hub closes", async () => {
    const { hub } = mapHub({ a: 1 });
    const [left, closed] = [hub.watch("a"), hub.watch("a")];
    await Promise.all([left.next(), closed.next()]);
    const waiting = left.next();
    await left.return?.();
    expect((await waiting).done).toBe(true);
    const alsoWaiting = closed.next();
    hub.close();
    expect((await alsoWaiting).done).toBe(true);
  });

  test("reports a failed read and keeps its watchers", async () => {
    const { hub, values, failures } = mapHub({ a: 1 });
    const watcher = hub.watch("a");
    await watcher.next();
    values.set("a", -1);
    hub.changed("a");
    await waitFor(() => failures.length === 1);
    values.set("a", 5);
    hub.changedAll();
    expect(await watcher.next()).toEqual({ value: 5, done: false });
  });
});
