import { readdirSync, readFileSync } from "node:fs";
import { buildSchema, parse, specifiedRules, validate, type GraphQLError } from "graphql";
import { expect, test } from "vitest";
import { createValidate } from "../../gateway/operation/validation.ts";
import { loadSupergraph } from "../../gateway/supergraph/supergraph.ts";

const schemaFile = (name: string) => new URL(`../../schema/${name}`, import.meta.url);
const { apiSchema } = loadSupergraph(readFileSync(schemaFile("supergraph.graphql"), "utf8"), new Date(0));
const operations = readdirSync(schemaFile("operations")).map((file) =>
  readFileSync(schemaFile(`operations/${file}`), "utf8"),
);

const validateTogether = createValidate(specifiedRules);
const told = (errors: readonly GraphQLError[]) =>
  errors.map(({ message, locations }) => ({ message, locations }));

/** Texts that can be parsed, each with one word taken away, doubled, or replaced by the word after it. */
function* mistakesIn(text: string): Generator<string> {
  const words = [...text.matchAll(/[$@]?\w+!?|\.\.\.|[(){}[\]:]/g)];
  for (const [index, word] of words.entries()) {
    const next = words[index + 1]?.[0] ?? "";
    for (const instead of ["", `${word[0]} ${word[0]}`, next, "other"])
      yield text.slice(0, word.index) + instead + text.slice(word.index + word[0].length);
  }
}

function isParsed(text: string): boolean {
  try {
    return parse(text).definitions.length > 0;
  } catch {
    return false;
  }
}

test("rules together find what they find one by one, in the same order, in documents with all kinds of mistakes", () => {
  const some = operations.filter((_, index) => index % 3 === 0);
  const mistaken = some.flatMap((text) => [...mistakesIn(text)]).filter(isParsed);
  const found = new Set<string>();
  for (const text of [...operations, ...mistaken]) {
    const document = parse(text);
    const options = { maxErrors: 20 };
    const errors = told(validate(apiSchema, document, specifiedRules, options));
    const together = told(validateTogether(apiSchema, document, options));
    expect({ text, errors: together }).toEqual({ text, errors });
    for (const { message } of errors) found.add(message.replaceAll(/"[^"]*"/g, '""'));
  }
  expect(mistaken.length).toBeGreaterThan(1_000);
  expect(found.size).toBeGreaterThan(20);
});

test("a rule that turns away from a node sees nothing below it, and sees what comes after", () => {
  const schema = buildSchema("type Query { a: Query b: Int }");
  const seen: string[] = [];
  const turnsAway = () => ({ Field: ({ name }: { name: { value: string } }) => void seen.push(name.value) });
  const validateWith = createValidate([
    turnsAway,
    () => ({
      Field: {
        enter: ({ name }) => (name.value === "a" ? false : void seen.push(`other ${name.value}`)),
        leave: ({ name }) => void seen.push(`left ${name.value}`),
      },
    }),
  ]);
  validateWith(schema, parse("{ a { b } b }"), { maxErrors: 1 });
  expect(seen).toEqual(["a", "b", "b", "other b", "left b"]);
});
