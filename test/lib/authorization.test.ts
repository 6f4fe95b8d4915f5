import { parse } from "graphql";
import { describe, expect, test } from "vitest";
import { authorize, requirementsOf } from "../../lib/authorization.ts";
import { anonymous, type Identity } from "../../lib/identity.ts";

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@authenticated", "@requiresScopes"])`;

const callerWith = (...scopes: string[]): Identity => ({ ...anonymous(scopes), subject: "ada" });

describe("requirements in SDL", () => {
  test("join those of the type and of the field, every alternative with every other", () => {
    const requirements = requirementsOf(
      parse(`${LINK}
        type Plan @requiresScopes(scopes: [["a"], ["b"]]) { open: Int secret: Int @requiresScopes(scopes: [["c", "d"]]) }
        extend type Query { me: String @authenticated free: Int both: Int @authenticated @requiresScopes(scopes: [["x"]]) plans: [[Plan!]] bound: Plan @requiresScopes(scopes: [["a"], ["b"], ["a", "z"]]) }
      `),
    );
    expect(Object.fromEntries(requirements.fields)).toEqual({
      "Plan.open": { signedIn: false, scopes: [["a"], ["b"]] },
      "Plan.secret": {
        signedIn: false,
        scopes: [
          ["a", "c", "d"],
          ["b", "c", "d"],
        ],
      },
      "Query.me": { signedIn: true, scopes: [[]] },
      "Query.both": { signedIn: true, scopes: [["x"]] },
      "Query.plans": { signedIn: false, scopes: [["a"], ["b"]] },
      "Query.bound": { signedIn: false, scopes: [["a"], ["b"]] },
    });
  });
});

describe("a directive", () => {
  test("protects nothing when another specification has it under the same name", () => {
    const foreign = `extend schema @link(url: "https://acme.example/own/v1.0", import: ["@authenticated"])`;
    const { fields } = requirementsOf(parse(`${foreign} type Query { me: String @authenticated }`));
    expect([...fields.keys()]).toEqual([]);
  });
});

describe("requirements of types that are not objects", () => {
  test("hold for the fields of an interface, and for every field that returns a scalar or enum", () => {
    const requirements = requirementsOf(
      parse(`${LINK}
        interface Named @requiresScopes(scopes: [["n"]]) { name: String secret: String @authenticated }
        scalar Money @requiresScopes(scopes: [["m"]])
        enum Mood @authenticated { GOOD }
        type Boat { price: [Money!]! mood: Mood @requiresScopes(scopes: [["b"]]) length: Int }
      `),
    );
    expect(Object.fromEntries(requirements.fields)).toEqual({
      "Named.name": { signedIn: false, scopes: [["n"]] },
      "Named.secret": { signedIn: true, scopes: [["n"]] },
      "Boat.price": { signedIn: false, scopes: [["m"]] },
      "Boat.mood": { signedIn: true, scopes: [["b"]] },
    });
  });
});

describe("authorisation", () => {
  const asks = (scopes: string[][], signedIn = false) => ({ signedIn, scopes });

  test.each([
    ["all scopes of one alternative", callerWith("b", "c"), asks([["a"], ["b", "c"]])],
    ["any signed-in caller where only signing in is asked", callerWith(), asks([[]], true)],
    ["anonymous callers with granted scopes", anonymous(["a"]), asks([["a"]])],
  ])("lets pass %s", (_name, identity, requirement) => {
    expect(() => authorize(identity, requirement)).not.toThrow();
  });

  test("says what is missing", () => {
    expect(() => authorize(callerWith("b"), asks([["a"], ["b", "c"]]))).toThrow("Missing scope: a, or c");
  });

  test.each([
    ["with no scope at all", anonymous([]), asks([["a"]])],
    ["where only signing in is asked", anonymous([]), asks([[]], true)],
    ["whatever their scopes, where signing in is asked, too", anonymous(["a"]), asks([["a"]], true)],
  ])("asks anonymous callers to sign in %s", (_name, identity, requirement) => {
    expect(() => authorize(identity, requirement)).toThrow(
      expect.objectContaining({ code: "UNAUTHENTICATED" }),
    );
  });
});
