import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  ANSWER_MODES,
  createFaults,
  parseFaultRules,
  WEBHOOK_MODES,
  type FaultRuleInput,
} from "../../mocks/faults.ts";
import { createRandom } from "../../mocks/seeded-random.ts";

const MODES = [...ANSWER_MODES, ...WEBHOOK_MODES];
const parse = (...rules: FaultRuleInput[]) => parseFaultRules({ rules }, MODES);
const faultsWith = (...rules: FaultRuleInput[]) => {
  const faults = createFaults(createRandom(7));
  faults.set(parse(...rules));
  return faults;
};

describe("fault rules as they come from outside", () => {
  test("fills in what is left out", () => {
    expect(parse({ path: "/plm/*", mode: "status" })).toEqual([
      { path: "/plm/*", mode: "status", status: 503, latencyMs: 0, rate: 1, count: null },
    ]);
  });

  test("takes the bare list as well, and an empty one to heal", () => {
    expect(parseFaultRules([], MODES)).toEqual([]);
    expect(parseFaultRules([{ path: "*", mode: "down" }], MODES)).toHaveLength(1);
  });

  test.each([
    [{ rules: 3 }, /^rules: 3 is not allowed; expected a list of rules/],
    [undefined, /^rules: undefined is not allowed/],
    [["down"], /^rules\[0\]: "down" is not allowed; expected a rule/],
    [
      [
        { path: "/a", mode: "down" },
        { path: "/a", mode: "explode" },
      ],
      /^rules\[1\]\.mode: "explode".*expected one of down/,
    ],
    [[{ path: "plm", mode: "down" }], /^rules\[0\]\.path: "plm"/],
    [[{ path: "/a", mode: "status", status: 200 }], /^rules\[0\]\.status: 200.*from 400 to 599/],
    [[{ path: "/a", mode: "slow", latencyMs: -1 }], /^rules\[0\]\.latencyMs: -1/],
    [[{ path: "/a", mode: "down", rate: 1.5 }], /^rules\[0\]\.rate: 1\.5.*from 0 to 1/],
    [[{ path: "/a", mode: "down", count: 0 }], /^rules\[0\]\.count: 0/],
    [[{ path: "/a", mode: "down", after: 3 }], /^rules\[0\]\.after: 3.*path, mode, status/],
    [[{ path: "/webhooks/pas/*", mode: "hang" }], /^rules\[0\]\.mode: "hang".*for a webhook/],
    [[{ path: "/pas/*", mode: "forged" }], /^rules\[0\]\.mode: "forged".*outside \/webhooks\//],
  ])("refuses %j and names the field", (body, message) => {
    expect(() => parseFaultRules(body, MODES)).toThrow(message);
  });
});

describe("which calls a rule hits", () => {
  test.each([
    ["/plm/*", "/plm/models/x/config", true],
    ["/plm/*", "/oauth/token", false],
    ["/plm/models/*/config", "/plm/models/x/config", true],
    ["/plm/models/*/config", "/plm/models/x/bom", false],
    ["/plm/catalog", "/plm/catalog", true],
    ["/plm/catalog", "/plm/catalogue", false],
    ["/a*a", "/a", false],
    ["*", "/anything", true],
  ])("%s against %s: %s", (pattern, path, isHit) => {
    expect(faultsWith({ path: pattern, mode: "down" }).take(path, MODES) !== undefined).toBe(isHit);
  });

  test("agrees with the regular expression of the same meaning, whatever the pattern", () => {
    const text = fc.stringMatching(/^[ab.*]{0,8}$/);
    fc.assert(
      fc.property(text, fc.stringMatching(/^[ab.]{0,10}$/), (pattern, path) => {
        const escaped = pattern.replaceAll(".", "\\.").replaceAll("*", ".*");
        const hit = faultsWith({ path: `/${pattern}`, mode: "down" }).take(`/${path}`, MODES);
        expect(hit !== undefined).toBe(new RegExp(`^/${escaped}$`).test(`/${path}`));
      }),
    );
  });

  test("ends after its count and then lets later rules have their turn", () => {
    const faults = faultsWith({ path: "*", mode: "down", count: 2 }, { path: "*", mode: "hang" });
    const taken = [1, 2, 3].map(() => faults.take("/x", MODES)?.mode);
    expect(taken).toEqual(["down", "down", "hang"]);
    expect(faults.rules().map(({ mode }) => mode)).toEqual(["hang"]);
  });

  test("hits its share of calls, the same ones for the same seed", () => {
    const draw = () => {
      const faults = faultsWith({ path: "*", mode: "down", rate: 0.3 });
      return Array.from({ length: 1000 }, () => faults.take("/x", MODES) !== undefined);
    };
    const hits = draw();
    expect(hits.filter(Boolean).length).toBeGreaterThan(250);
    expect(hits.filter(Boolean).length).toBeLessThan(350);
    expect(draw()).toEqual(hits);
  });

  test("passes over rules of modes that the caller cannot use", () => {
    expect(faultsWith({ path: "*", mode: "hang" }).take("/x", WEBHOOK_MODES)).toBeUndefined();
  });
});
