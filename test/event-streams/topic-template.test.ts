import { assert, property, string, tuple } from "fast-check";
import { describe, expect, test } from "vitest";
import { parseTopic, topicOf } from "../../gateway/supergraph/streams/topic-template.ts";
import { topicPart } from "../../lib/broker/topic.ts";
import { anonymous } from "../../lib/identity.ts";

const identity = { ...anonymous([]), tenant: "north" };

describe("a topic", () => {
  test("takes values of arguments, of fields of theirs, and claims", () => {
    const template = parseTopic("a.{$claims.tenant}.{ args.id }.{$args.at.place}");
    expect(topicOf(template, { args: { id: 7, at: { place: "Köln" } }, identity })).toBe(
      "a.north.7.K%C3%B6ln",
    );
  });

  test("has braces of its own where they are doubled", () => {
    expect(topicOf(parseTopic("a.{{{$args.id}}}"), { args: { id: "1" }, identity })).toBe("a.{1}");
  });

  test.each([
    [undefined, "-"],
    [null, "-"],
    ["-", "%2D"],
    ["", "%"],
    [true, "true"],
    [1.5, "1%2E5"],
    ["GOOD_ONE-2", "GOOD_ONE-2"],
  ])("has %j as %s", (value, text) => {
    expect(topicPart(value)).toBe(text);
  });

  test("refuses what is no single value", () => {
    expect(() => topicPart({ a: 1 }, "at")).toThrow(/^at: \{"a":1\} is not allowed/);
  });

  test("never has a wildcard, a space or one more part by a value, and tells any two values apart", () => {
    const template = parseTopic("a.{$args.one}:{$args.two}");
    const topic = ([one, two]: readonly [string, string]) =>
      topicOf(template, { args: { one, two }, identity });
    const value = string({ unit: "grapheme", maxLength: 20 });
    assert(
      property(tuple(value, value), tuple(value, value), (a, b) => {
        expect(topic(a)).toMatch(/^a\.[\w%-]+:[\w%-]+$/);
        expect(topic(a) === topic(b)).toBe(a[0] === b[0] && a[1] === b[1]);
      }),
    );
  });
});
