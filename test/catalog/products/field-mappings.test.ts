import { describe, expect, test } from "vitest";
import {
  FIELD_MAPPINGS,
  fieldMappingPage,
} from "../../../subgraphs/catalog/products/domain/field-mappings.ts";

describe("the mapping from PLM to MRP", () => {
  test("is the page that people read", async () => {
    await expect(fieldMappingPage()).toMatchFileSnapshot("../../../docs/plm-mapping.md");
  });

  test("names each field once, with at least one system that has it", () => {
    expect(new Set(FIELD_MAPPINGS.map(({ field }) => field)).size).toBe(FIELD_MAPPINGS.length);
    expect(FIELD_MAPPINGS.filter(({ plm, mrp }) => plm === null && mrp === null)).toEqual([]);
  });
});
