import { getIntrospectionQuery, parse } from "graphql";
import { describe, expect, test } from "vitest";
import { readGatewayConfig } from "../../gateway/config.ts";
import { exceededLimit } from "../../gateway/limits/document-limits.ts";

const LIMITS = readGatewayConfig({ AUTH_MODE: "off" }).limits.document;
const limitOf = (text: string) => exceededLimit(parse(text), LIMITS);
const many = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => text(i)).join(" ");
const nested = (depth: number) => `${"{ a ".repeat(depth)}${"}".repeat(depth)}`;

describe("limits of a document", () => {
  test.each([
    ["depth", nested(LIMITS.depth), nested(LIMITS.depth + 1)],
    ["aliases", `{ b { ${many(100, (i) => `a${i}: x`)} } }`, `{ b { ${many(101, (i) => `a${i}: x`)} } }`],
    ["rootFields", `{ ${many(100, () => "x")} }`, `{ ${many(101, () => "x")} }`],
    ["directives", `{ x ${many(100, () => "@d")} }`, `{ x ${many(101, () => "@d")} }`],
    ["fields", `{ b { ${many(1_999, () => "x")} } }`, `{ b { ${many(2_000, () => "x")} } }`],
  ])("%s: the last allowed passes, one more does not", (limit, allowed, exceeding) => {
    expect(limitOf(allowed)).toBeUndefined();
    expect(limitOf(exceeding)).toBe(limit);
  });

  test("count what fragments multiply, without expanding all of it", () => {
    const levels = many(60, (i) => `fragment f${i} on A { ...f${i + 1} ...f${i + 1} }`);
    expect(limitOf(`{ b { ...f0 } } ${levels} fragment f60 on A { x }`)).toBe("fields");
  });

  test("add nested fragments to the depth", () => {
    const levels = many(25, (i) => `fragment f${i} on A { a { ...f${i + 1} } }`);
    expect(limitOf(`{ ...f0 } ${levels} fragment f25 on A { x }`)).toBe("depth");
  });

  test("leave circular fragments to validation", () => {
    expect(limitOf("{ ...a } fragment a on Q { x ...b } fragment b on Q { ...a }")).toBeUndefined();
  });

  test("hold for fragments that nobody uses, and for every operation of a document", () => {
    expect(limitOf(`{ x } fragment f on Q { ${many(2_001, () => "x")} }`)).toBe("fields");
    expect(limitOf(`query A { x } query B ${nested(30)}`)).toBe("depth");
  });

  test("allow the introspection of tools", () => {
    expect(limitOf(getIntrospectionQuery())).toBeUndefined();
  });
});
