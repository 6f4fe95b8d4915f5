import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { corpusBleu } from "../../../subgraphs/plms/domain/bleu.ts";
import {
  columnDifferences,
  KPI_NAMES,
  KPIS,
  meets,
  relativeDelta,
} from "../../../subgraphs/plms/domain/kpi.ts";
import { fleschKincaidGrade, syllablesIn } from "../../../subgraphs/plms/domain/readability.ts";

describe("the registry", () => {
  test("has the seven KPIs, with what a failed measurement counts as and how long it may take", () => {
    expect(KPI_NAMES.map((name) => [name, KPIS[name].failureValue, KPIS[name].timeoutMs])).toEqual([
      ["test_pass_rate", 0, 300_000],
      ["linter_pass", false, 60_000],
      ["schema_diff", 999, 60_000],
      ["row_count_delta", 1, 60_000],
      ["graph_edge_count_delta", 1, 60_000],
      ["bleu_score", 0, 60_000],
      ["readability", 12, 60_000],
    ]);
  });
});

describe("a gate", () => {
  test.each<[unknown, string, unknown, boolean]>([
    [0.9, ">=", 0.9, true],
    [0.89, ">=", 0.9, false],
    [0.05, "<=", 0.05, true],
    [0.051, "<=", 0.05, false],
    [0, "==", 0, true],
    [1, "==", 0, false],
    [true, "==", true, true],
    [false, "==", true, false],
    [2, ">", 1, true],
    [1, ">", 1, false],
    [0, "<", 1, true],
    [1, "<", 1, false],
    [1, "!=", 0, true],
    [0, "!=", 0, false],
    [0.9, "~", 0.9, false],
    ["0.9", ">=", 0.9, false],
    [true, ">=", false, false],
    [Number.NaN, ">=", 0, false],
    [undefined, "!=", 0, false],
  ])("%j %s %j is %s", (value, operator, threshold, expected) => {
    expect(meets(value, { operator, threshold })).toBe(expected);
  });
});

describe("what is compared", () => {
  test("are columns: missing, surplus, of another type", () => {
    expect(
      columnDifferences({ a: "text", b: "integer", d: "text" }, { a: "text", b: "bigint", c: "date" }),
    ).toEqual(["b is integer instead of bigint", "c is missing", "d is surplus"]);
  });

  test.each([
    [95, 100, 0.05],
    [105, 100, 0.05],
    [0, 0, 0],
    [3, 0, 3],
    [0, 100, 1],
  ])("are counts: %i instead of %i is off by %d", (actual, expected, delta) => {
    expect(relativeDelta(actual, expected)).toBeCloseTo(delta, 12);
  });
});

describe("BLEU", () => {
  // The example of sacreBLEU's own documentation: 48.53 82.4/50.0/45.5/37.5 (BP = 0.943).
  test("is what sacreBLEU computes", () => {
    const candidates = ["The dog bit the man.", "It wasn't surprising.", "The man had just bitten him."];
    const references = [
      ["The dog bit the man.", "The dog had bit the man."],
      ["It was not unexpected.", "No one was surprised."],
      ["The man bit him first.", "The man had bitten the dog."],
    ];
    const texts = candidates.map((candidate, index) => ({ candidate, references: references[index] ?? [] }));
    expect(corpusBleu(texts) * 100).toBeCloseTo(48.530_827, 5);
  });

  // The example of NLTK's sentence_bleu, after Papineni et al. 2002, section 2.
  test("is what NLTK computes for the example of the paper", () => {
    const references = [
      "It is a guide to action that ensures that the military will forever heed Party commands",
      "It is the guiding principle which guarantees the military forces always being under the command of the Party",
      "It is the practical guide for the army always to heed the directions of the party",
    ];
    const candidate =
      "It is a guide to action which ensures that the military always obeys the commands of the party";
    expect(corpusBleu([{ candidate, references }])).toBeCloseTo(0.504_566_684, 8);
  });

  test("is 1 for the reference itself, 0 for something else or nothing, and never outside", () => {
    const sentence = "a sentence of some more words than four";
    expect(corpusBleu([{ candidate: sentence, references: [sentence] }])).toBeCloseTo(1, 12);
    expect(corpusBleu([{ candidate: "other", references: [sentence] }])).toBe(0);
    expect(corpusBleu([{ candidate: "", references: [sentence] }])).toBe(0);
    expect(corpusBleu([])).toBe(0);
    const words = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 12 }).map((list) => list.join(" "));
    fc.assert(
      fc.property(words, words, (candidate, reference) => {
        const score = corpusBleu([{ candidate, references: [reference] }]);
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(1 + 1e-12);
      }),
    );
  });
});

describe("readability", () => {
  test("of the simplest sentence is -1.45 (6 words, 6 syllables)", () => {
    expect(fleschKincaidGrade("The cat sat on the mat.")).toBeCloseTo(-1.45, 10);
  });

  // Sentences of Wikipedia's article on the Flesch-Kincaid tests, whose reading ease (69 and 37.5) needs these counts.
  test.each([
    ["This sentence, taken as a reading passage unto itself, is being used to prove a point.", 16, 23],
    ["The Australian platypus is seemingly a hybrid of a mammal and reptilian creature.", 13, 24],
  ])("of %j is that of %i words and %i syllables", (sentence, words, syllables) => {
    const expected = 0.39 * words + 11.8 * (syllables / words) - 15.59;
    expect(fleschKincaidGrade(sentence)).toBeCloseTo(expected, 10);
  });

  test("counts sentences, not full stops in numbers", () => {
    const one = fleschKincaidGrade("It costs 3.50 in all the shops I know.");
    const two = fleschKincaidGrade("It costs a lot. All the shops I know are like that.");
    expect(one).toBeGreaterThan(two ?? Number.POSITIVE_INFINITY);
  });

  test("does not exist without words", () => {
    expect(fleschKincaidGrade(" ... 🙂 !")).toBeUndefined();
  });

  test.each([
    ["table", 2],
    ["little", 2],
    ["make", 1],
    ["walked", 1],
    ["wanted", 2],
    ["nation", 2],
    ["reading", 2],
    ["being", 2],
    ["readability", 5],
    ["documentation", 5],
    ["while", 1],
  ])("takes %s for %i syllables", (word, syllables) => {
    expect(syllablesIn(word)).toBe(syllables);
  });
});
