import { describe, expect, test } from "vitest";
import { answerFrom } from "../../gateway/transport/answer.ts";

const answer = (text: string) => answerFrom("shop", { text, statusCode: 200 });

describe("what a subgraph sent", () => {
  test.each([
    ["data", { data: { a: 1 } }],
    ["data and an empty list of errors", { data: { a: 1 }, errors: [] }],
    ["data and errors", { data: { a: null }, errors: [{ message: "no" }] }],
    ["errors alone", { errors: [{ message: "no" }] }],
    ["no data for a reason", { data: null, errors: [{ message: "no" }] }],
  ])("is a result: %s", (_what, result) => {
    expect(answer(JSON.stringify(result))).toEqual(result);
  });

  test.each([
    ["nothing", ""],
    ["a page", "<html></html>"],
    ["no object", "42"],
    ["null", "null"],
    ["no data for no reason", `{"data":null}`],
    ["no data and an empty list of reasons", `{"data":null,"errors":[]}`],
    ["data that is no object", `{"data":"yes"}`],
    ["errors that are no list", `{"errors":"many"}`],
  ])("is refused by name: %s", (_what, text) => {
    expect(() => answer(text)).toThrow(
      expect.objectContaining({
        code: "SUBGRAPH_UNAVAILABLE",
        message: `The subgraph "shop" answered HTTP 200 without a GraphQL result`,
      }),
    );
  });
});
