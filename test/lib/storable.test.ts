import { describe, expect, test } from "vitest";
import { isStorable, storable } from "../../lib/storable.ts";

describe("text that PostgreSQL can keep", () => {
  test.each(["", "Lyse 21", "tab\t and line\n", "🚤"])("%j is such a text", (text) => {
    expect(isStorable(text)).toBe(true);
    expect(storable(text)).toBe(text);
  });

  test.each(["a\0b", "\ud800", "x\udc00"])(
    "%j is none, and is made one by replacing what no column holds",
    (text) => {
      expect(isStorable(text)).toBe(false);
      expect(isStorable(storable(text))).toBe(true);
    },
  );

  test("is made of every text in a JSON value, keys too", () => {
    expect(storable({ "k\0": ["\ud800", 1, null, { a: "b\0" }] })).toEqual({
      "k\ufffd": ["\ufffd", 1, null, { a: "b\ufffd" }],
    });
  });
});
