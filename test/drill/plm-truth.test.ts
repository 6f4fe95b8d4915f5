import { afterEach, describe, expect, test, vi } from "vitest";
import { createTruth, type ShownModel } from "../../fleet/drill/plm/truth.ts";

afterEach(() => {
  vi.useRealTimers();
});

const NOW_MS = Date.parse("2026-01-31T08:00:00.000Z");

/** The drill about faults of the PLM is worth as much as its judgement. */
function startTruth() {
  vi.useFakeTimers({ now: NOW_MS - 60_000 });
  const truth = createTruth();
  truth.switched({ mode: "ENABLED", models: [] });
  truth.know(shown());
  truth.revise([]);
  vi.setSystemTime(NOW_MS);
  const problemOf = (model: ShownModel) => truth.problemOf({ model, startedAtMs: NOW_MS - 10 });
  return { truth, problemOf };
}

const provenance = (changes: Partial<ShownModel["provenance"]> = {}): ShownModel["provenance"] => ({
  source: "PLM",
  fetchedAt: new Date(NOW_MS).toISOString(),
  stale: false,
  fallbackReason: null,
  plmCorrelationId: "plm-1",
  ...changes,
});

function shown(
  changes: Partial<ShownModel["provenance"]> = {},
  description = "A boat (revision 1)",
): ShownModel {
  const from = { provenance: provenance(changes) };
  return { code: "LX24", description, features: [from], bom: from, ...from };
}
const mrp = { source: "MRP", plmCorrelationId: null } as const;

describe("the judge of the drill plm-chaos", () => {
  test.each([
    ["the PLM's present text", shown()],
    ["a stand-in that says why", shown({ ...mrp, fallbackReason: "TIMEOUT" }, "A boat")],
  ])("accepts %s", (_what, model) => {
    expect(startTruth().problemOf(model)).toBeUndefined();
  });

  test.each([
    ["a text that the PLM had not told then", shown({}, "A boat (revision 2)"), /revision 2 .* told 1 to 1/],
    [
      "the PLM's text as the MRP's",
      shown({ ...mrp, fallbackReason: "TIMEOUT" }),
      /says MRP and has the PLM's/,
    ],
    ["a stand-in that does not say why", shown(mrp, "A boat"), /MRP with the reason null/],
    ["an old copy as fresh", shown({ source: "PLM_STALE", fallbackReason: "TIMEOUT" }), /stale: false/],
    ["an answer of the PLM without its id", shown({ plmCorrelationId: null }), /PLM's id null/],
    [
      "the MRP in the wrong mode",
      shown({ ...mrp, fallbackReason: "SHADOW" }, "A boat"),
      /while the PLM is enabled/,
    ],
    ["another product", { ...shown(), code: "LX26" }, /not those of the product/],
  ])("finds %s", (_what, model, problem) => {
    expect(startTruth().problemOf(model)).toMatch(problem);
  });

  test("finds an answer of the PLM while it is disabled", () => {
    const { truth, problemOf } = startTruth();
    vi.setSystemTime(NOW_MS - 5_000);
    truth.switched({ mode: "DISABLED", models: [] });
    vi.setSystemTime(NOW_MS);
    expect(problemOf(shown())).toMatch(/where MRP DISABLED is right/);
  });
});
