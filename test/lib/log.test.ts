import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { createLog } from "../../lib/log.ts";

const LOG = new URL("../../lib/log.ts", import.meta.url).href;

/** A process that logs "one" and "two" by two loggers, and does `then`. */
const talkative = (then: string) =>
  spawn(
    process.execPath,
    [
      "--input-type=module",
      "--eval",
      `import { createLog } from ${JSON.stringify(LOG)};
      const [a, b] = ["a", "b"].map((name) => createLog({ name, level: "info" }));
      a.info("one");
      b.info("two");
      ${then}`,
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );

function logged(message: string): string {
  const lines: string[] = [];
  createLog({ name: "test", level: "info" }, { write: (line) => void lines.push(line) }).info(message);
  return (JSON.parse(lines.join("")) as { msg: string }).msg;
}

test.each([
  ["got eyJhbGciOi.eyJzdWIi.c2ln back", "got [token] back"],
  ["authorization: Bearer abc.def-1= was refused", "authorization: Bearer [redacted] was refused"],
  ["authorization: Basic dXNlcjpw was refused", "authorization: Basic [redacted] was refused"],
  ["signed with whsec_abc+/def=", "signed with [secret]"],
  ["cannot reach redis://ada:pw@cache:6379", "cannot reach redis://ada:[redacted]@cache:6379"],
  ["no account for ada.l+test@example.org", "no account for [e-mail]"],
  ["tell ada@example.org about Bearer abc", "tell [e-mail] about Bearer [redacted]"],
])("a secret in a text is covered: %s", (message, covered) => {
  expect(logged(message)).toBe(covered);
});

test("a text without a secret stays as it is", () => {
  expect(logged("the circuit plms is open: 5 of 5 failed")).toBe("the circuit plms is open: 5 of 5 failed");
});

test.each([
  ["ends by itself", "", ["one", "two"]],
  ["exits", "process.exit(1);", ["one", "two"]],
  ["ends by an error that nobody caught", "throw new Error('bad');", ["one", "two"]],
  [
    "is killed after it said something fatal",
    "a.fatal('three'); process.kill(process.pid, 'SIGKILL');",
    ["one", "two", "three"],
  ],
])("a process that %s has written all its lines in order", async (_, then, messages) => {
  const written = await text(talkative(then).stderr);
  expect(Array.from(written.matchAll(/"msg":"(\w+)"/g), ([, message]) => message)).toEqual(messages);
});

test("a process that goes on has written its lines all the same", async () => {
  const child = talkative("setTimeout(() => {}, 600_000);");
  try {
    const [chunk] = (await once(child.stderr, "data")) as [Buffer];
    expect(String(chunk)).toMatch(/"msg":"one".*\n.*"msg":"two".*\n$/);
  } finally {
    child.kill("SIGKILL");
  }
});
