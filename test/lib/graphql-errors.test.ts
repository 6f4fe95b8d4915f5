import { GraphQLError } from "graphql";
import { expect, test } from "vitest";
import { wordsOf } from "../../lib/graphql-errors.ts";

test.each([
  ["with a place", { path: ["models", 3, "bom"], extensions: { code: "NOT_FOUND" } }],
  ["without a place", { extensions: { code: "NOT_FOUND" } }],
  ["without anything beside its message", { extensions: {} }],
])(
  "an error in the words of another system, %s, reads as a GraphQLError with the same words does",
  (_, said) => {
    const words = wordsOf("no such model", said);
    const made = new GraphQLError("no such model", said);
    expect(words).toBeInstanceOf(GraphQLError);
    expect(words.toJSON()).toEqual(made.toJSON());
    expect(JSON.stringify(words)).toBe(JSON.stringify(made));
    expect(String(words)).toBe(String(made));
    for (const name of Object.keys(made)) expect(words).toHaveProperty(name);
  },
);
