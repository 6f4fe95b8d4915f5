import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { readGatewayConfig } from "../../gateway/config.ts";
import { createGateway, type Gateway } from "../../gateway/server.ts";
import { createLog } from "../../lib/log.ts";
import { bearer, TEST_JWT } from "../gateway/support/start-gateway.ts";
import { codesOf, TRANSPORTS } from "./support/transports.ts";

const lines: string[] = [];
let gateway: Gateway;
let url: string;

beforeAll(async () => {
  const log = createLog({ name: "gateway", level: "warn" }, { write: (line) => void lines.push(line) });
  const config = readGatewayConfig({
    PORT: "0",
    GATEWAY_SUBGRAPH_SECRET: "a-secret-for-subgraphs",
    JWT_SECRET: TEST_JWT.secret,
  });
  gateway = await createGateway(config, { log });
  url = await gateway.listen();
});
afterAll(() => gateway.close());
beforeEach(() => void lines.splice(0));

const MUTATION = `mutation { rollbackPlm(reason: "mine") { __typename } }`;
const refusals = () =>
  lines.map((line) => JSON.parse(line) as { msg: string }).filter(({ msg }) => msg === "refused a mutation");
/** Mutations do not go by GET. */
const transports = Object.entries(TRANSPORTS).filter(([name]) => !name.includes("GET"));

describe("a mutation that the gateway refuses", () => {
  test.each(transports)(
    "over %s is in its log, with who attempted it and nothing of what was asked",
    async (_name, ask) => {
      const authorization = await bearer({ subject: "mallory", tenant: "yard-7" });
      const reply = await ask(url, { query: MUTATION, authorization });
      expect(codesOf(reply)).toEqual(["FORBIDDEN"]);
      expect(reply.text).not.toMatch(/mallory|yard-7/);
      expect(refusals()).toEqual([
        expect.objectContaining({
          correlationId: reply.errors[0]?.extensions?.["correlationId"],
          caller: { subject: "mallory", tenant: "yard-7", tokenId: expect.any(String) as string },
          problem: "Missing scope: plm.admin (Mutation.rollbackPlm)",
        }),
      ]);
      expect(lines.join("")).not.toContain("mine");
    },
  );

  test("is there without a token, too", async () => {
    await TRANSPORTS["POST"]?.(url, { query: MUTATION });
    expect(refusals()).toMatchObject([{ caller: { subject: "anonymous" } }]);
  });
});

test("a query that the gateway refuses is not logged: whoever looks changes nothing", async () => {
  const query = "{ gatewayHealth { instance } }";
  const reply = await TRANSPORTS["POST"]?.(url, { query, authorization: await bearer() });
  expect(reply && codesOf(reply)).toEqual(["FORBIDDEN"]);
  expect(lines).toEqual([]);
});
