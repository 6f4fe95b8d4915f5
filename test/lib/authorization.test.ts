import { parse } from "graphql";
import { describe, expect, it } from "vitest";
import { authorize, requirementsOf } from "../../lib/authorization.ts";
import { anonymous, type Identity } from "../../lib/identity.ts";

const callerWith = (...scopes: string[]): Identity => ({ ...anonymous(scopes), subject: "ada" });

describe("requirements in SDL", () => {
  it("join those of the type and of the field, every alternative with every other", () => {
    const requirements = requirementsOf(
      parse(`
        type Plan @requiresScopes(scopes: [["a"], ["b"]]) { open: Int secret: Int @requiresScopes(scopes: [["c", "d"]]) }
        extend type Query { me: String @authenticated free: Int both: Int @authenticated @requiresScopes(scopes: [["x"]]) }
      `),
    );
    expect(Object.fromEntries(requirements)).toEqual({
      "Plan.open": [["a"], ["b"]],
      "Plan.secret": [
        ["a", "c", "d"],
        ["b", "c", "d"],
      ],
      "Query.me": [],
      "Query.both": [["x"]],
    });
  });
});

describe("requirements of types that are not objects", () => {
  it("hold for the fields of an interface, and for every field that returns a scalar or enum", () => {
    const requirements = requirementsOf(
      parse(`
        interface Named @requiresScopes(scopes: [["n"]]) { name: String secret: String @authenticated }
        scalar Money @requiresScopes(scopes: [["m"]])
        enum Mood @authenticated { GOOD }
        type Boat { price: [Money!]! mood: Mood @requiresScopes(scopes: [["b"]]) length: Int }
      `),
    );
    expect(Object.fromEntries(requirements)).toEqual({
      "Named.name": [["n"]],
      "Named.secret": [["n"]],
      "Boat.price": [["m"]],
      "Boat.mood": [["b"]],
    });
  });
});

describe("authorisation", () => {
  it.each([
    ["all scopes of one alternative", callerWith("b", "c"), [["a"], ["b", "c"]]],
    ["any signed-in caller where only signing in is asked", callerWith(), []],
    ["anonymous callers with granted scopes", anonymous(["a"]), [["a"]]],
  ])("lets pass %s", (_name, identity, requirement) => {
    expect(() => authorize(identity, requirement)).not.toThrow();
  });

  it("says what is missing", () => {
    expect(() => authorize(callerWith("b"), [["a"], ["b", "c"]])).toThrow("Missing scope: a, or c");
  });

  it.each([[[["a"]]], [[]]])("asks anonymous callers to sign in", (requirement) => {
    expect(() => authorize(anonymous([]), requirement)).toThrow(
      expect.objectContaining({ code: "UNAUTHENTICATED" }),
    );
  });
});
