import { describe, expect, test } from "vitest";
import { unlessAborted } from "../../lib/deadline.ts";

describe("work that may be called off", () => {
  test("comes to what it comes to while nobody calls it off", async () => {
    const { signal } = new AbortController();
    expect(await unlessAborted(signal, async () => "done")).toBe("done");
    await expect(unlessAborted(signal, () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
  });

  test("ends with the reason as soon as it is called off, whatever becomes of it", async () => {
    const caller = new AbortController();
    const { promise: work, reject } = Promise.withResolvers<never>();
    const outcome = unlessAborted(caller.signal, () => work);
    caller.abort(new Error("called off"));
    await expect(outcome).rejects.toThrow("called off");
    reject(new Error("nobody hears this"));
  });

  test("does not begin once it has been called off", async () => {
    const signal = AbortSignal.abort(new Error("called off"));
    let begun = false;
    const work = async () => {
      begun = true;
    };
    await expect(unlessAborted(signal, work)).rejects.toThrow("called off");
    expect(begun).toBe(false);
  });
});
