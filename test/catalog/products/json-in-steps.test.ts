import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson } from "../../../lib/canonical-json.ts";
import { atOnce } from "../../../lib/in-steps.ts";
import { parseJsonInSteps } from "../../../subgraphs/catalog/products/adapters/json-in-steps.ts";

const parse = (text: string) => atOnce(parseJsonInSteps(Buffer.from(text)));
const LONG = "x".repeat(70_000);

describe("JSON that is read in steps", () => {
  test("is what JSON.parse reads, however long and deep it is", () => {
    const long = fc
      .json()
      .map((text) => `{"long":"${LONG}\\"]}","list":[${text},${text},"${LONG}"],"${LONG}":${text}}`);
    fc.assert(
      fc.property(fc.oneof(fc.json(), long), fc.constantFrom("", " \n\t"), (text, space) => {
        expect(canonicalJson(parse(space + text + space))).toBe(canonicalJson(JSON.parse(text)));
      }),
    );
  });

  test.each([`["${LONG}"`, `["${LONG}",]`, `{"a":"${LONG}" 1}`, `["${LONG}"] 1`, `{${LONG}:1}`, "", "{"])(
    "is refused where it is broken: %#",
    (text) => {
      expect(() => parse(text)).toThrow(SyntaxError);
    },
  );
});
