import { describe, expect, test } from "vitest";
import {
  catalogueOfMrp,
  mergeCatalogue,
  type MrpModel,
  type MrpProduct,
  type PlmModel,
  type PlmProduct,
} from "../../../subgraphs/catalog/products/domain/catalogue.ts";

const mrp = (id: string, code: string, more: Partial<MrpProduct> = {}): MrpProduct => ({
  id,
  code,
  name: `${code} in the MRP`,
  description: null,
  isActive: true,
  ...more,
});
const mrpModel = (product: MrpProduct, ...trims: MrpProduct[]): MrpModel => ({ ...product, trims });
const plm = (code: string, more: Partial<PlmProduct> = {}): PlmProduct => ({
  plmId: `plm-${code}`,
  code,
  name: `${code} in the PLM`,
  description: null,
  isActive: true,
  ...more,
});
const plmModel = (product: PlmProduct, ...trims: PlmProduct[]): PlmModel => ({ ...product, trims });

const enabled = () => "ENABLED" as const;
const withMrpOnly = { withMrpOnly: true, modeOf: enabled };

describe("the merged catalogue", () => {
  test("gives a product of both systems the MRP's id and the PLM's words", () => {
    const [model] = mergeCatalogue(
      [plmModel(plm("LX24"), plm("LX24-BASE"))],
      [mrpModel(mrp("cuid1", "LX24"), mrp("cuid2", "LX24-BASE"))],
      withMrpOnly,
    );
    expect(model).toMatchObject({ id: "cuid1", plmId: "plm-LX24", name: "LX24 in the PLM", origin: "PLM" });
    expect(model?.trims).toMatchObject([
      { id: "cuid2", plmId: "plm-LX24-BASE", name: "LX24-BASE in the PLM" },
    ]);
  });

  test("calls a product that the MRP does not know by its code in lower case", () => {
    const [model] = mergeCatalogue([plmModel(plm("LX30"), plm("LX30-BASE"))], [], withMrpOnly);
    expect(model).toMatchObject({ id: "lx30", trims: [{ id: "lx30-base" }] });
  });

  test("keeps the models and trims that only the MRP has, marked as such", () => {
    const merged = mergeCatalogue(
      [plmModel(plm("LX24"), plm("LX24-BASE"))],
      [mrpModel(mrp("lx24", "LX24"), mrp("lx24-old", "LX24-OLD")), mrpModel(mrp("lx20", "LX20"))],
      withMrpOnly,
    );
    expect(merged.map(({ id, origin }) => [id, origin])).toEqual([
      ["lx20", "MRP"],
      ["lx24", "PLM"],
    ]);
    expect(merged[1]?.trims.map(({ id, origin, plmId }) => [id, origin, plmId])).toEqual([
      ["lx24-base", "PLM", "plm-LX24-BASE"],
      ["lx24-old", "MRP", null],
    ]);
  });

  test("leaves the MRP out when it may not stand in", () => {
    const merged = mergeCatalogue(
      [plmModel(plm("LX24"))],
      [mrpModel(mrp("lx24", "LX24"), mrp("lx24-old", "LX24-OLD")), mrpModel(mrp("lx20", "LX20"))],
      { withMrpOnly: false, modeOf: enabled },
    );
    expect(merged).toMatchObject([{ id: "lx24", trims: [] }]);
  });

  test("hides what the PLM calls inactive, even if the MRP still has it", () => {
    const merged = mergeCatalogue(
      [
        plmModel(plm("LX24", { isActive: false })),
        plmModel(plm("LX26"), plm("LX26-BASE", { isActive: false })),
      ],
      [mrpModel(mrp("lx24", "LX24")), mrpModel(mrp("lx26", "LX26"), mrp("lx26-base", "LX26-BASE"))],
      withMrpOnly,
    );
    expect(merged).toMatchObject([{ id: "lx26", trims: [] }]);
  });

  test("keeps the id of a product that is inactive in the MRP but alive in the PLM", () => {
    const merged = mergeCatalogue(
      [plmModel(plm("LX24"))],
      [mrpModel(mrp("cuid1", "LX24", { isActive: false }))],
      withMrpOnly,
    );
    expect(merged).toMatchObject([{ id: "cuid1", origin: "PLM" }]);
  });

  test("follows a trim that the PLM moved to another model, without doubling it", () => {
    const merged = mergeCatalogue(
      [plmModel(plm("LX24")), plmModel(plm("LX26"), plm("LX24-BASE"))],
      [mrpModel(mrp("lx24", "LX24"), mrp("cuid2", "LX24-BASE")), mrpModel(mrp("lx26", "LX26"))],
      withMrpOnly,
    );
    expect(merged.map(({ id, trims }) => [id, trims.map((trim) => trim.id)])).toEqual([
      ["lx24", []],
      ["lx26", ["cuid2"]],
    ]);
  });

  test("sorts models by name, then id, and leaves trims in their order", () => {
    const merged = mergeCatalogue(
      [
        plmModel(plm("Z", { name: "Same" })),
        plmModel(plm("B", { name: "Second" })),
        plmModel(plm("A", { name: "Same" }), plm("A-2"), plm("A-1")),
      ],
      [],
      withMrpOnly,
    );
    expect(merged.map(({ id }) => id)).toEqual(["a", "z", "b"]);
    expect(merged[0]?.trims.map(({ id }) => id)).toEqual(["a-2", "a-1"]);
  });
});

describe("the MRP's own catalogue", () => {
  test("has the active products only", () => {
    const models = [
      mrpModel(
        mrp("lx24", "LX24"),
        mrp("lx24-base", "LX24-BASE"),
        mrp("lx24-old", "LX24-OLD", { isActive: false }),
      ),
      mrpModel(mrp("lx20", "LX20", { isActive: false })),
    ];
    expect(catalogueOfMrp(models, enabled)).toMatchObject([
      { id: "lx24", plmId: null, origin: "MRP", trims: [{ id: "lx24-base" }] },
    ]);
  });
});

describe("a model that is not enabled", () => {
  const plmModels = [plmModel(plm("LX24"), plm("LX24-BASE")), plmModel(plm("LX26"))];
  const mrpModels = [
    mrpModel(mrp("cuid1", "LX24"), mrp("cuid2", "LX24-BASE")),
    mrpModel(mrp("cuid3", "LX26")),
  ];

  test("is the MRP's, and says which mode made it so", () => {
    const modeOf = ({ code }: { code: string }) => (code === "LX24" ? "SHADOW" : "ENABLED");
    expect(mergeCatalogue(plmModels, mrpModels, { withMrpOnly: true, modeOf })).toMatchObject([
      { code: "LX24", name: "LX24 in the MRP", origin: "SHADOW", plmId: null, trims: [{ origin: "SHADOW" }] },
      { code: "LX26", name: "LX26 in the PLM", origin: "PLM" },
    ]);
  });

  test("is decided about under the id that the MRP gave it", () => {
    const modeOf = ({ id }: { id: string }) => (id === "cuid1" ? "DISABLED" : "ENABLED");
    expect(mergeCatalogue(plmModels, mrpModels, { withMrpOnly: true, modeOf })).toMatchObject([
      { code: "LX24", origin: "DISABLED" },
      { code: "LX26", origin: "PLM" },
    ]);
  });
});
