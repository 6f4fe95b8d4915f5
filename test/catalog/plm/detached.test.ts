import { expect, test } from "vitest";
import { createDetached } from "../../../subgraphs/catalog/plm/detached.ts";

/** Two tasks at a time, and a hold on each of them. */
function holding({ maxWaiting = 10 } = {}) {
  const begun: string[] = [];
  const dropped: string[] = [];
  const failed: unknown[] = [];
  const holds: (() => void)[] = [];
  const detached = createDetached({
    maxConcurrent: 2,
    maxWaiting,
    onError: (error) => failed.push(error),
    onDropped: (subject) => dropped.push(subject),
  });
  const start = (subject: string) =>
    detached.start(subject, () => {
      begun.push(subject);
      return new Promise((resolve) => holds.push(resolve));
    });
  const settle = async () => {
    for (let turn = 0; turn < 5; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
  };
  const endAll = async () => {
    while (holds.length > 0) {
      holds.splice(0).forEach((end) => end());
      await settle();
    }
  };
  return { ...detached, startHeld: start, begun, dropped, failed, settle, endAll };
}

test("a subject that is asked for all the time does not crowd out one that is asked for once", async () => {
  const work = holding();
  for (const subject of ["all", "all", "all", "one", "all", "all"]) work.startHeld(subject);
  await work.settle();
  expect(work.begun).toEqual(["all", "all"]);
  await work.endAll();
  expect(work.begun).toEqual(["all", "all", "all", "one"]);
});

test("of one subject at most one task waits, and the next may as soon as that has begun", async () => {
  const work = holding();
  for (const subject of ["a", "b", "c", "c", "c"]) work.startHeld(subject);
  await work.endAll();
  await work.settle();
  await work.endAll();
  expect(work.begun).toEqual(["a", "b", "c"]);
  work.startHeld("c");
  await work.settle();
  expect(work.begun).toEqual(["a", "b", "c", "c"]);
  await work.endAll();
});

test("what is about too many subjects at once is told of", async () => {
  const work = holding({ maxWaiting: 1 });
  for (const subject of ["a", "b", "c", "d"]) work.startHeld(subject);
  expect(work.dropped).toEqual(["d"]);
  await work.settle();
  await work.endAll();
  expect(work.begun).toEqual(["a", "b", "c"]);
});

test("a task that fails is told of, and the next goes on", async () => {
  const work = holding();
  const wrong = new Error("wrong");
  work.start("a", () => Promise.reject(wrong));
  work.startHeld("b");
  work.startHeld("c");
  await work.settle();
  expect(work.failed).toEqual([wrong]);
  expect(work.begun).toEqual(["b", "c"]);
  await work.endAll();
});

test("closing waits for what runs and begins nothing more", async () => {
  const work = holding();
  for (const subject of ["a", "b", "c"]) work.startHeld(subject);
  await work.settle();
  let isClosed = false;
  const closed = work.close().then(() => (isClosed = true));
  await work.settle();
  expect(isClosed).toBe(false);
  await work.endAll();
  await closed;
  expect(work.begun).toEqual(["a", "b"]);
});
