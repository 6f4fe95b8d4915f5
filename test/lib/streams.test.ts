import { describe, expect, test } from "vitest";
import { mapStream, mergeStreams, openOnDemand, streamOf } from "../../lib/streams.ts";

/** A source that stays quiet until it is closed. */
function quietSource() {
  const pending: ((result: IteratorResult<number>) => void)[] = [];
  const state = { closed: false };
  const source: AsyncIterator<number> = {
    next: () => new Promise((resolve) => pending.push(resolve)),
    return: async () => {
      state.closed = true;
      for (const resolve of pending) resolve({ value: undefined, done: true });
      return { value: undefined, done: true };
    },
  };
  return { source, state };
}

const collect = async <T>(stream: AsyncIterable<T>): Promise<T[]> => {
  const values: T[] = [];
  for await (const value of stream) values.push(value);
  return values;
};

describe("a mapped stream", () => {
  test("maps each value and tells once that it ended", async () => {
    let ends = 0;
    const stream = mapStream(
      streamOf(1, 2, 3),
      async (n) => n * 10,
      () => ends++,
    );
    expect(await collect(stream)).toEqual([10, 20, 30]);
    await stream.return?.();
    expect(ends).toBe(1);
  });

  test("closes a quiet source at once", async () => {
    const { source, state } = quietSource();
    const stream = mapStream(source, (n) => n);
    const waiting = stream.next();
    await stream.return?.();
    expect(state.closed).toBe(true);
    expect((await waiting).done).toBe(true);
  });

  test("ends when the mapping throws", async () => {
    let ends = 0;
    const stream = mapStream(
      streamOf(1),
      () => {
        throw new Error("no");
      },
      () => ends++,
    );
    await expect(stream.next()).rejects.toThrow("no");
    expect(ends).toBe(1);
  });
});

describe("several streams as one", () => {
  test("gives the values of all as they come, a talkative one not before the others, and ends with the last", async () => {
    const merged = mergeStreams([streamOf(1, 2, 3), streamOf(10)]);
    expect(await collect(merged)).toEqual([1, 10, 2, 3]);
  });

  test("closes all of them at once when it is left, also while it waits", async () => {
    const [first, second] = [quietSource(), quietSource()];
    const merged = mergeStreams([first.source, second.source]);
    void merged.next();
    await merged.return?.();
    expect([first.state.closed, second.state.closed]).toEqual([true, true]);
    expect((await merged.next()).done).toBe(true);
  });
});

describe("a stream that opens on demand", () => {
  test("opens nothing when nobody asks", async () => {
    let opened = 0;
    const stream = openOnDemand(async () => {
      opened++;
      return streamOf(1);
    });
    await stream.return?.();
    expect(await collect(stream)).toEqual([]);
    expect(opened).toBe(0);
  });

  test("closes its source even when it is left while opening", async () => {
    const { source, state } = quietSource();
    const { promise, resolve } = Promise.withResolvers<AsyncIterator<number>>();
    const stream = openOnDemand(() => promise);
    const waiting = stream.next();
    await stream.return?.();
    resolve(source);
    expect((await waiting).done).toBe(true);
    expect(state.closed).toBe(true);
  });
});
