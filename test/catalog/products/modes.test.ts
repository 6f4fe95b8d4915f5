import { describe, expect, test } from "vitest";
import {
  decideMode,
  modesInUse,
  stepDown,
  type ModeCause,
  type PlmMode,
  type PlmSwitch,
} from "../../../subgraphs/catalog/products/domain/modes.ts";

const plm = (mode: PlmMode, models: string[] = [], cause: ModeCause = "PERSON"): PlmSwitch => ({
  mode,
  models,
  cause,
  reason: "test",
  changedBy: "ada",
  changedAt: new Date(0),
  version: 1,
});
const lx24 = { id: "cuid1", code: "LX24" };

describe("the mode of a model", () => {
  test.each(["DISABLED", "SHADOW", "ENABLED"] as const)("is %s when no model is listed", (mode) => {
    expect(decideMode(plm(mode), lx24)).toEqual({ mode, reason: "ALL_MODELS" });
  });

  test.each(["LX24", "lx24", "cuid1", "CUID1"])("is the mode when it is listed as %s", (name) => {
    expect(decideMode(plm("ENABLED", ["LX26", name]), lx24)).toEqual({
      mode: "ENABLED",
      reason: "MODEL_LISTED",
    });
  });

  test.each([
    ["ENABLED", "SHADOW"],
    ["SHADOW", "DISABLED"],
    ["DISABLED", "DISABLED"],
  ] as const)("is one step behind %s when others are listed: %s", (mode, behind) => {
    expect(decideMode(plm(mode, ["LX26"]), lx24)).toEqual({ mode: behind, reason: "MODEL_NOT_LISTED" });
    expect(stepDown(mode)).toBe(behind);
  });

  test.each(["ROLLBACK", "AUTOMATIC"] as const)("says that it was rolled back (%s)", (cause) => {
    expect(decideMode(plm("SHADOW", [], cause), lx24)).toEqual({ mode: "SHADOW", reason: "ROLLED_BACK" });
  });
});

describe("the modes in use", () => {
  test("are the mode alone when it is for all models, and the step behind it otherwise", () => {
    expect([...modesInUse(plm("ENABLED"))]).toEqual(["ENABLED"]);
    expect([...modesInUse(plm("ENABLED", ["LX24"]))]).toEqual(["ENABLED", "SHADOW"]);
    expect([...modesInUse(plm("DISABLED", ["LX24"]))]).toEqual(["DISABLED"]);
  });
});
