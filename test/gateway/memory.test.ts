import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTextMemory } from "../../lib/text-memory.ts";
import { startGateway, type TestGateway } from "./support/start-gateway.ts";
import { isFull } from "../support/depth.ts";

describe.runIf(isFull)("a gateway that is sent nothing but new operations", () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway.close());

  /** So long that the bounds are reached after 105 of them. */
  const LITERAL = "x".repeat(19_000);
  const ROUND = 110;

  const send = async (from: number) => {
    for (let n = from; n < from + ROUND; n++) {
      const { status, body } = await gateway.post({
        query: `{ boat(id: "${LITERAL}${n}") { name_${n}: name } }`,
      });
      expect([status, body.errors]).toEqual([200, undefined]);
    }
  };

  test("keeps no more of them when its memories are full", async () => {
    const heapMb = heapMeter();
    await send(0);
    const full = heapMb();
    await send(ROUND);
    // One store without bounds is enough for 7 MB.
    expect(heapMb() - full).toBeLessThan(2);
  });
});

/** What the heap holds when all that is not needed has gone, in megabytes. */
function heapMeter(): () => number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  return () => {
    for (let time = 0; time < 4; time++) collect();
    return process.memoryUsage().heapUsed / 1_000_000;
  };
}

describe("a memory of texts", () => {
  test("forgets what has not been used for longest when there are too many", () => {
    const memory = createTextMemory<number>({ texts: 2 });
    memory.set("a", 1);
    memory.set("b", 2);
    memory.get("a");
    memory.set("c", 3);
    expect([...memory.rvalues()]).toEqual([1, 3]);
    expect(memory.get("b")).toBeUndefined();
  });

  test("forgets as many as it takes when they are too long together", () => {
    const memory = createTextMemory<number>({ chars: 10 });
    for (const [index, text] of ["aaa", "bbb", "ccc", "dddddd"].entries()) memory.set(text, index);
    expect([...memory.rvalues()]).toEqual([2, 3]);
  });

  test("counts a text that is set again once", () => {
    const memory = createTextMemory<number>({ chars: 10 });
    for (const value of [1, 2, 3]) memory.set("aaaaa", value);
    memory.set("bbbbb", 4);
    expect([...memory.rvalues()]).toEqual([3, 4]);
  });

  test("leaves out what is longer than it takes, by its own measure too", () => {
    const memory = createTextMemory<number>({ longestChars: 5, charsOf: (_text, value) => value });
    memory.set("aaaaaa", 1);
    memory.set("b", 6);
    memory.set("c", 5);
    expect([...memory.rvalues()]).toEqual([5]);
  });

  test("has room for everything again when it was emptied", () => {
    const memory = createTextMemory<number>({ chars: 5 });
    memory.set("aaaaa", 1);
    memory.clear();
    memory.set("bbbbb", 2);
    expect([memory.size, memory.get("aaaaa"), memory.get("bbbbb")]).toEqual([1, undefined, 2]);
  });
});
