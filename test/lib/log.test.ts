import { expect, test } from "vitest";
import { createLog } from "../../lib/log.ts";

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
