import { describe, expect, test } from "vitest";
import { own } from "../../fleet/drill/support/own.ts";

function startDrill() {
  const cleanUp = new AsyncDisposableStack();
  const stopped: string[] = [];
  const stop = (what: string) => void stopped.push(what);
  const defer = (action: () => Promise<unknown> | void) =>
    cleanUp.defer(async () => {
      await action();
    });
  return { end: () => cleanUp.disposeAsync(), stopped, stop, defer };
}

describe("what a drill owns", () => {
  test("is handed out when it has started, and stopped when the drill is over", async () => {
    const { end, stopped, stop, defer } = startDrill();
    expect(await own(defer, async () => "a server", stop)).toBe("a server");
    expect(stopped).toEqual([]);
    await end();
    expect(stopped).toEqual(["a server"]);
  });

  test("is stopped once it has started when the drill ends before", async () => {
    const { end, stopped, stop, defer } = startDrill();
    const { promise: starting, resolve: started } = Promise.withResolvers<string>();
    const owned = own(defer, () => starting, stop);
    const ended = end();
    started("a slow server");
    expect(await owned).toBe("a slow server");
    await ended;
    expect(stopped).toEqual(["a slow server"]);
  });

  test("need not be stopped when it did not start", async () => {
    const { end, stopped, stop, defer } = startDrill();
    await expect(own(defer, () => Promise.reject(new Error("no room")), stop)).rejects.toThrow("no room");
    await end();
    expect(stopped).toEqual([]);
  });

  test("is not started any more when the drill is over", async () => {
    const { end, stop, defer } = startDrill();
    await end();
    const started: string[] = [];
    const start = async () => `${started.push("too late")}`;
    await expect(own(defer, start, stop)).rejects.toThrow(ReferenceError);
    expect(started).toEqual([]);
  });
});
