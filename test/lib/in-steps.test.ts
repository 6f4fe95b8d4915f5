import { expect, test } from "vitest";
import { eachInSteps } from "../../lib/in-steps.ts";

test("work on many items leaves room for others after each step, and reaches every item once", async () => {
  const done: string[] = [];
  const work = eachInSteps(["a", "b", "c"], (item) => done.push(item), 0);
  setImmediate(() => done.push("other"));
  await work;
  expect(done.indexOf("other")).toBeLessThan(done.indexOf("c"));
  expect(done.filter((each) => each !== "other")).toEqual(["a", "b", "c"]);
});

test("work that is done within its step does not wait for anybody", () => {
  const done: number[] = [];
  void eachInSteps([1, 2, 3], (item) => done.push(item), 60_000);
  expect(done).toEqual([1, 2, 3]);
});
