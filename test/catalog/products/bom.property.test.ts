import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { atOnce } from "../../../lib/in-steps.ts";
import {
  bomTree,
  eachLine,
  lineCount,
  partTotals,
  type BomLine,
} from "../../../subgraphs/catalog/products/domain/bom.ts";
import { mergeCatalogue, type PlmModel } from "../../../subgraphs/catalog/products/domain/catalogue.ts";
import {
  NO_DETAILS,
  placedOptions,
  withOurIds,
  type ModelConfiguration,
  type Part,
} from "../../../subgraphs/catalog/products/domain/configuration.ts";
import { decimalOf, plus, times } from "../../../subgraphs/catalog/products/domain/quantity.ts";

const code = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 200 })
  .filter((text) => text.trim() !== "");
const decimal = fc
  .tuple(fc.bigInt(0n, 10n ** 9n), fc.integer({ min: 0, max: 6 }))
  .map(
    ([digits, scale]) =>
      decimalOf(
        `${digits / 10n ** BigInt(scale)}.${String(digits % 10n ** BigInt(scale)).padStart(scale, "0")}0`,
      ) ?? "0",
  );

const { part } = fc.letrec<{ part: Part }>((tie) => ({
  part: fc.record({
    code,
    name: fc.constant("part"),
    partNumber: fc.option(fc.constantFrom("P1", "P2", "P3")),
    quantity: fc.record({ value: decimal, unit: fc.constantFrom("C62", "MTR") }),
    details: fc.oneof(
      { maxDepth: 4, depthIdentifier: "parts" },
      fc.constant(NO_DETAILS),
      fc.array(tie("part"), { maxLength: 3 }).map((parts) => ({ ...NO_DETAILS, parts })),
    ),
  }),
}));

const configurationOf = (codes: readonly string[], parts: readonly Part[] = []): ModelConfiguration => ({
  sections: [
    {
      code: "S",
      name: "S",
      trimCode: null,
      isRequired: true,
      components: [
        {
          code: "C",
          name: "C",
          isRequired: true,
          allowsMultiple: true,
          options: codes.map((each) => ({
            id: "",
            plmId: each,
            code: each,
            name: each,
            partNumber: null,
            quantity: { value: "1", unit: "C62" },
            details: { ...NO_DETAILS, parts },
            isDefault: true,
            isRequired: false,
          })),
        },
      ],
    },
  ],
  rules: [],
});

describe("ids", () => {
  test("of options are one to one, whatever their codes are", () => {
    fc.assert(
      fc.property(fc.uniqueArray(code, { maxLength: 20 }), (codes) => {
        const placed = placedOptions(atOnce(withOurIds(configurationOf(codes), "m", new Map())));
        expect(new Set(placed.map(({ option }) => option.id)).size).toBe(codes.length);
        expect(new Set(placed.map(({ address }) => address)).size).toBe(codes.length);
      }),
    );
  });

  test("of models and trims are one to one, also beside ids of the MRP that look like theirs", () => {
    fc.assert(
      fc.property(fc.uniqueArray(code, { minLength: 1, maxLength: 10 }), fc.array(code), (codes, mrpIds) => {
        const product = (each: string) => ({
          plmId: each,
          code: each,
          name: each,
          description: null,
          isActive: true,
        });
        const plm: PlmModel[] = codes.map((each) => ({ ...product(each), trims: codes.map(product) }));
        const mrp = [...new Set(mrpIds)].map((id, index) => ({
          id,
          code: `MRP-ONLY-${index}`,
          name: id,
          description: null,
          isActive: true,
          trims: [],
        }));
        const merged = mergeCatalogue(plm, mrp, { withMrpOnly: true, modeOf: () => "ENABLED" });
        const trims = merged.flatMap((model) => model.trims);
        expect(new Set(merged.map(({ id }) => id)).size).toBe(merged.length);
        expect(new Set(trims.map(({ id }) => id)).size).toBe(codes.length ** 2);
      }),
    );
  });
});

/** By recursion, the way a person would count. */
function needed(line: BomLine, factor: string, wanted: { number: string; unit: string }): string {
  const here = times(factor, line.quantity.value);
  const own = line.partNumber === wanted.number && line.quantity.unit === wanted.unit ? here : "0";
  return line.children.reduce((sum, child) => plus(sum, needed(child, here, wanted)), own);
}

describe("quantities", () => {
  test("are conserved over levels and units: what the tree needs is what the totals say", () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 4 }), (parts) => {
        const configuration = configurationOf(["A", "B"], parts);
        const scope = { trimCode: null, day: null };
        const totals = partTotals(eachLine(configuration, scope));
        const tree = bomTree(configuration, scope);
        for (const number of ["P1", "P2", "P3"]) {
          for (const unit of ["C62", "MTR"]) {
            const found = totals.find((total) => total.partNumber === number && total.quantity.unit === unit);
            const counted = tree.map((line) => needed(line, "1", { number, unit })).reduce(plus, "0");
            expect(found?.quantity.value ?? "0").toBe(counted);
          }
        }
        const paths = [...eachLine(configuration, scope)].map(({ path }) => path);
        expect(new Set(paths).size).toBe(paths.length);
      }),
    );
  });

  test("are exact: a sum and a product of decimals are those of their digits", () => {
    expect(plus("0.1", "0.2")).toBe("0.3");
    expect(times("0.1", "0.1")).toBe("0.01");
    expect(times("12345678901234567.5", "3")).toBe("37037036703703702.5");
    fc.assert(
      fc.property(decimal, decimal, decimal, (a, b, c) => {
        expect(times(a, plus(b, c))).toBe(plus(times(a, b), times(a, c)));
      }),
    );
  });

  test.each([
    ["00.250", "0.25"],
    [1e-7, "0.0000001"],
    [0, "0"],
    ["-1", undefined],
    ["1,5", undefined],
    [Number.NaN, undefined],
    [null, undefined],
  ])("%j is read as %j", (given, expected) => {
    expect(decimalOf(given)).toBe(expected);
  });
});

describe("the lines of a bill", () => {
  test("from a position on are those behind it, however deep it is", () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 4 }), fc.nat(30), (parts, from) => {
        const configuration = configurationOf(["A", "B"], parts);
        const scope = { trimCode: null, day: null };
        const all = [...eachLine(configuration, scope)];
        expect([...eachLine(configuration, scope, from)]).toEqual(all.slice(from));
        expect(lineCount(configuration, scope)).toBe(all.length);
      }),
    );
  });
});
