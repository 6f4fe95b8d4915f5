import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { catalogue } from "../../../mocks/plm/catalogue.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { startCatalog } from "../support.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ seed: true });
});
afterAll(() => database.close());

const SET = `mutation ($input: SetPlmModeInput!) { setPlmMode(input: $input) {
  __typename ... on SetPlmModeSuccess { config { mode enabledForModels } } ... on InvalidInput { code message field allowed }
} }`;

async function set(models: string[], env: Record<string, string> = { PLM_MODE: "disabled" }) {
  const catalog = await startCatalog(database, env);
  const change = async (wanted: string[]) => {
    const { data, errors } = await catalog.administer(SET, {
      input: { mode: "ENABLED", models: wanted, reason: "one by one" },
    });
    expect(errors).toBeUndefined();
    return data.setPlmMode;
  };
  return { catalog, change, answer: await change(models) };
}

describe("a mode for some models", () => {
  test("is refused for a model that there is not, with the codes that there are; nothing changes", async () => {
    const { answer, catalog } = await set(["LX24", "LX99", "nonsense"]);
    expect(answer).toEqual({
      __typename: "InvalidInput",
      code: "BAD_USER_INPUT",
      message:
        'input.models: "LX99, nonsense" is not allowed; expected codes or ids of models: LX21, LX22, LX24, LX26',
      field: "input.models",
      allowed: "codes or ids of models: LX21, LX22, LX24, LX26",
    });
    const { data } = await catalog.ask("{ plmConfig { mode enabledForModels } }");
    expect(data.plmConfig).toEqual({ mode: "DISABLED", enabledForModels: [] });
  });

  test("takes codes and ids in any case", async () => {
    const { answer } = await set(["lx24", "LX26"]);
    expect(answer).toMatchObject({ config: { mode: "ENABLED", enabledForModels: ["lx24", "LX26"] } });
  });

  test("takes a model that only the PLM has, which nobody reads of yet", async () => {
    const { catalog, change } = await set([]);
    await catalog.administer(SET, { input: { mode: "DISABLED", models: [], reason: "back" } });
    const [first] = catalogue;
    if (!first) throw new Error("the mock PLM has no models");
    catalog.plm.setModels([...catalogue, { ...first, code: "LX30" }]);
    expect(await change(["LX30"])).toMatchObject({ config: { enabledForModels: ["LX30"] } });
  });

  test("is refused for a model that only the PLM might have while that does not answer", async () => {
    const { answer } = await set(["LX30"], { PLM_MODE: "disabled", PLM_BASE_URL: "http://127.0.0.1:9" });
    expect(answer).toMatchObject({ code: "BAD_USER_INPUT", field: "input.models" });
  });
});
