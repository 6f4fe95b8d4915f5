import { describe, expect, it } from "vitest";
import { badInput, excerptOf } from "../../lib/errors.ts";

describe("badInput", () => {
  it("names the field, the value and what is allowed", () => {
    expect(badInput("first", 0, "1 to 100").message).toBe("first: 0 is not allowed; expected 1 to 100");
  });

  it("shows the beginning of a long value, and none of one that no stack can hold", () => {
    expect(badInput("name", "x".repeat(1_000_000), "less").message.length).toBeLessThan(150);
    const deep: unknown = JSON.parse("[".repeat(100_000) + "]".repeat(100_000));
    expect(badInput("body", deep, "an object").message).toContain("nested too deeply");
  });
});

describe("excerptOf", () => {
  it("leaves a short message as it is", () => {
    expect(excerptOf('Cannot query field "x"')).toBe('Cannot query field "x"');
  });

  it("shortens what is quoted, so that the rest of the sentence is read", () => {
    const message = `Variable "$a" got invalid value "${"x".repeat(1_000_000)}" at "input.kind"; expected less`;
    expect(excerptOf(message)).toMatch(
      /^Variable "\$a" got invalid value "x{59}…" at "input.kind"; expected less$/,
    );
  });

  it("cuts off what is still too long", () => {
    expect(excerptOf("word ".repeat(10_000))).toHaveLength(1_000);
  });
});
