import { describe, expect, test } from "vitest";
import { badInput, excerptOf, publicReason } from "../../lib/errors.ts";

describe("badInput", () => {
  test("names the field, the value and what is allowed", () => {
    expect(badInput("first", 0, "1 to 100").message).toBe("first: 0 is not allowed; expected 1 to 100");
  });

  test("shows the beginning of a long value, and none of one that no stack can hold", () => {
    expect(badInput("name", "x".repeat(1_000_000), "less").message.length).toBeLessThan(150);
    const deep: unknown = JSON.parse("[".repeat(100_000) + "]".repeat(100_000));
    expect(badInput("body", deep, "an object").message).toContain("nested too deeply");
  });
});

describe("excerptOf", () => {
  test("leaves a short message as it is", () => {
    expect(excerptOf('Cannot query field "x"')).toBe('Cannot query field "x"');
  });

  test("shortens what is quoted, so that the rest of the sentence is read", () => {
    const message = `Variable "$a" got invalid value "${"x".repeat(1_000_000)}" at "input.kind"; expected less`;
    expect(excerptOf(message)).toMatch(
      /^Variable "\$a" got invalid value "x{59}…" at "input.kind"; expected less$/,
    );
  });

  test("cuts off what is still too long", () => {
    expect(excerptOf("word ".repeat(10_000))).toHaveLength(1_000);
  });
});

describe("publicReason", () => {
  const coded = (code: unknown) => Object.assign(new Error("connect 10.0.0.1:5432 as app"), { code });

  test("adds the code of an error and nothing of its message", () => {
    expect(publicReason("It cannot be used", coded("28P01"))).toBe("It cannot be used (28P01)");
  });

  test("adds the kind of an error that has no code", () => {
    expect(publicReason("It cannot be used", new TypeError("10.0.0.1"))).toBe(
      "It cannot be used (TypeError)",
    );
  });

  test.each([coded(undefined), coded(7), new Error("10.0.0.1"), "10.0.0.1", undefined])(
    "adds nothing where there is neither: %s",
    (error) => {
      expect(publicReason("It cannot be used", error)).toBe("It cannot be used");
    },
  );
});
