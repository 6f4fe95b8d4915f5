import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson } from "../../../lib/canonical-json.ts";
import { repetitionOf, type EarlierCall } from "../../../subgraphs/plms/domain/idempotency.ts";
import { checkedKey } from "../../../subgraphs/kit/idempotency.ts";
import { isRowId } from "../../../subgraphs/kit/row-id.ts";

const earlier = (changes: Partial<EarlierCall>): EarlierCall => ({
  fingerprint: "same",
  runStatus: "executing",
  lockedUntilMs: 0,
  expiresAtMs: 1000,
  ...changes,
});

describe("a call with a known key", () => {
  test.each<[string, Partial<EarlierCall>, string]>([
    ["is done when the run exists", {}, "done"],
    ["is done when the run is over", { runStatus: "failed" }, "done"],
    [
      "is in flight while the earlier caller may submit",
      { runStatus: "submitting", lockedUntilMs: 501 },
      "in-flight",
    ],
    [
      "is unfinished when that caller's time is up",
      { runStatus: "submitting", lockedUntilMs: 500 },
      "unfinished",
    ],
    ["is refused with another input", { fingerprint: "other" }, "reused"],
    [
      "is refused with another input even in flight",
      { fingerprint: "other", runStatus: "submitting" },
      "reused",
    ],
    ["is new after its time when the run is over", { runStatus: "completed", expiresAtMs: 500 }, "forgotten"],
    [
      "is new after its time with another input, too",
      { fingerprint: "other", runStatus: "completed", expiresAtMs: 500 },
      "forgotten",
    ],
    ["is still known after its time while the run is going", { expiresAtMs: 500 }, "done"],
    [
      "is still known after its time while the run is unfinished",
      { runStatus: "submitting", expiresAtMs: 500 },
      "unfinished",
    ],
  ])("%s", (_case, changes, expected) => {
    expect(repetitionOf(earlier(changes), { fingerprint: "same", nowMs: 500 })).toBe(expected);
  });
});

test.each(["a", "test-uuid-12345", "with space", "~".repeat(255)])("%j is an idempotency key", (key) => {
  expect(checkedKey(key)).toBe(key);
});

test.each(["", "~".repeat(256), "tab\t", "é", "nul\0"])("%j is no idempotency key", (key) => {
  expect(() => checkedKey(key)).toThrow("1-255 printable ASCII characters");
});

test("row ids are positive integers that the database can hold", () => {
  expect(["1", "999999999999999999"].every(isRowId)).toBe(true);
  expect(["", "0", "01", "-1", "1.0", "abc", "1\0", "9999999999999999999"].some(isRowId)).toBe(false);
});

describe("canonical JSON", () => {
  test("is the same for the same value however it was written", () => {
    expect(canonicalJson({ b: [1, { d: null, c: "x" }], a: undefined })).toBe('{"b":[1,{"c":"x","d":null}]}');
    expect(canonicalJson({ b: 1, a: 2 })).toBe(canonicalJson({ a: 2, b: 1 }));
  });

  test("reads back as the value, so different values differ", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
