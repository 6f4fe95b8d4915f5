import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bearer, startGateway, type TestGateway } from "../gateway/support/start-gateway.ts";
import { repeat } from "./attack.ts";
import { DOCUMENT_ATTACKS } from "./document-attacks.ts";
import { codesOf, TRANSPORTS, type Reply } from "./support/transports.ts";

const transports = Object.entries(TRANSPORTS);

/** Each limit with the smallest document that exceeds it, for a gateway whose limits are small. */
const LIMITS = [
  ["DEPTH_MAX", "depth", `{ boat(id: "b1") { sister { sister { sister { id } } } } }`],
  ["ALIASES_MAX", "aliases", `{ ${repeat(5, (i) => `a${i}: __typename`)} }`],
  ["ROOT_FIELDS_MAX", "rootFields", `{ ${repeat(5, () => "whoAmI")} }`],
  ["DIRECTIVES_MAX", "directives", `{ whoAmI ${repeat(5, () => "@skip(if: false)")} }`],
  ["FIELDS_MAX", "fields", `{ boat(id: "b1") { ...f ...f } } fragment f on Boat { id name miles }`],
  ["TOKENS_MAX", "tokens", `{ boat(id: "b1") { ${repeat(40, () => "id")} } }`],
  ["COST_MAX", "cost", `{ boat(id: "b1") { hull { material } sister { hull { code } } } }`],
] as const;

const SMALL = {
  DEPTH_MAX: "4",
  ALIASES_MAX: "4",
  ROOT_FIELDS_MAX: "4",
  DIRECTIVES_MAX: "4",
  FIELDS_MAX: "7",
  TOKENS_MAX: "42",
  COST_MAX: "3",
};

describe("G21: every limit of a document", () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway({ NODE_ENV: "production", AUTH_ANONYMOUS_SCOPES: "plans.view", ...SMALL });
  });
  afterAll(() => gateway.close());

  const refusals = async (limit: string) => {
    const text = await (await fetch(`${gateway.url}/metrics`)).text();
    return Number(
      new RegExp(`gateway_limit_refusals_total\\{limit="${limit}"\\} (\\d+)`).exec(text)?.[1] ?? 0,
    );
  };

  describe.each(transports)("over %s", (_name, ask) => {
    test.each(LIMITS)("%s: is named, counted, and says what is allowed", async (variable, limit, query) => {
      const before = await refusals(limit);
      const reply = await ask(gateway.url, { query });
      expect(reply.status ?? 400).toBeLessThan(500);
      expect(reply.errors).toHaveLength(1);
      expect(reply.errors[0]?.extensions).toMatchObject({
        code: "OPERATION_TOO_COMPLEX",
        limit,
        allowed: `at most ${SMALL[variable]}`,
      });
      expect(await refusals(limit)).toBe(before + 1);
    });

    test("lets pass what exceeds none", async () => {
      const query = `{ boat(id: "b1") { name hull { code } sister { id } } }`;
      const { data, errors } = await ask(gateway.url, { query });
      expect(errors).toEqual([]);
      expect(data).toEqual({ boat: { name: "Boat b1", hull: { code: "h-b1" }, sister: null } });
    });

    test("COST_MAX: holds for a known operation whose variables have grown", async () => {
      const query = "query ($first: Int) { boats(first: $first) { id } }";
      for (let i = 0; i < 2; i++)
        expect((await ask(gateway.url, { query, variables: { first: 2 } })).data).toEqual({
          boats: [{ id: "b1" }, { id: "b2" }],
        });
      const grown = await ask(gateway.url, { query, variables: { first: 4 } });
      expect(grown.errors[0]?.message).toContain("may cost 4, and at most 3 is allowed");
    });
  });
});

const CONTRACT = new Set([
  "BAD_USER_INPUT",
  "GRAPHQL_PARSE_FAILED",
  "GRAPHQL_VALIDATION_FAILED",
  "OPERATION_RESOLUTION_FAILURE",
  "OPERATION_TOO_COMPLEX",
  "FORBIDDEN",
  "UNAUTHENTICATED",
]);
/** Operations that run and fail inside: their error is masked. */
const FAILS_INSIDE = new Set(["H33"]);
/** What no server could send back as an answer to a request: it is too large to be one. */
const isCutOff = ({ status, text }: Reply) => status === 413 || status === 431 || text.startsWith("1009");

describe.each(transports)("G21: attacks by documents over %s, in production settings", (_name, ask) => {
  let gateway: TestGateway;
  let authorization: string;
  beforeAll(async () => {
    gateway = await startGateway({ NODE_ENV: "production" });
    authorization = await bearer();
  });
  afterAll(() => gateway.close());

  test.each(DOCUMENT_ATTACKS.map((attack) => [attack.id, attack.what, attack] as const))(
    "%s: %s",
    async (id, _what, attack) => {
      const startedMs = performance.now();
      const reply = await ask(gateway.url, { ...JSON.parse(String(attack.body)), authorization });
      expect(performance.now() - startedMs).toBeLessThan(attack.withinMs ?? 5_000);
      const isRefused = reply.errors.length > 0 || isCutOff(reply);
      // A status that is no error may come with an answer; anything else has to be refused.
      expect(isRefused || attack.status(200)).toBe(true);
      expect(attack.never?.exec(reply.text) ?? null).toBeNull();
      expect(reply.errors.length).toBeLessThanOrEqual(attack.maxErrors ?? 101);
      const codes = codesOf(reply).filter((code) => !CONTRACT.has(String(code)));
      expect(codes).toEqual(FAILS_INSIDE.has(id) ? ["INTERNAL"] : []);
      const { data } = await ask(gateway.url, { query: "{ whoAmI }", authorization });
      expect(data?.["whoAmI"]).toMatch(/^ada /);
    },
  );
});
