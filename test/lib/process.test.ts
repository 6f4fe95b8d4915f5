import { expect, test, vi } from "vitest";
import { runCommand } from "../../lib/process.ts";

test("a command begins when signals are heard of, so that it can put away whatever it has begun", async () => {
  const heard: unknown[] = [];
  vi.spyOn(process, "on").mockImplementation((event) => {
    heard.push(event);
    return process;
  });
  let heardBefore: unknown[] = [];
  await runCommand(async () => {
    heardBefore = [...heard];
  });
  expect(heardBefore).toEqual(["SIGINT", "SIGTERM"]);
});
