import { afterEach, describe, expect, test } from "vitest";
import { createPlmMock } from "../../mocks/plm/server.ts";
import { createDemoFaults } from "../../standalone/demo-faults.ts";
import { DEMO_FAULTS } from "../../gateway/edge/demo.ts";
import { bearer, startGateway, type TestGateway } from "./support/start-gateway.ts";

const open: TestGateway[] = [];
afterEach(async () => {
  for (const gateway of open.splice(0)) await gateway.close();
});
async function start(): Promise<TestGateway> {
  const gateway = await startGateway();
  open.push(gateway);
  return gateway;
}

const BREAK = { query: "mutation { setDemoFault(fault: DOWN) { fault } }" };

describe("the faults of a demo", () => {
  test("are refused where no demo runs, which says so", async () => {
    const gateway = await start();
    const headers = { authorization: await bearer({ scopes: ["plm.admin"] }) };
    const { body } = await gateway.post(BREAK, headers);
    expect(body.errors).toMatchObject([
      { message: expect.stringContaining("No demo runs here"), extensions: { code: "NOT_FOUND" } },
    ]);
    const looked = await gateway.post({ query: "{ demo { fault } }" }, headers);
    expect(looked.body).toEqual({ data: { demo: null } });
  });

  test("are for administrators of the PLM", async () => {
    const { body } = await (await start()).post(BREAK, { authorization: await bearer() });
    expect(body.errors).toMatchObject([{ extensions: { code: "FORBIDDEN" } }]);
  });

  test.each(DEMO_FAULTS)("break what the PLM answers, and are taken back: %s", async (fault) => {
    const plm = createPlmMock();
    const demo = createDemoFaults(plm);
    const url = await plm.listen({ host: "127.0.0.1", port: 0 });
    const rules = async () => ((await (await fetch(`${url}/_faults`)).json()) as { rules: object[] }).rules;
    demo.setFault(fault);
    expect(demo.fault()).toBe(fault);
    expect(await rules()).toMatchObject([{ path: "/plm/*" }]);
    demo.setFault(null);
    expect(demo.fault()).toBeNull();
    expect(await rules()).toEqual([]);
    await plm.close();
  });
});
