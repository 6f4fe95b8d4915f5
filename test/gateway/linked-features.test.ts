import { Supergraph } from "@apollo/federation-internals";
import { parse, printSchema } from "graphql";
import { describe, expect, test } from "vitest";
import { costDirectives } from "../../gateway/limits/cost/weights.ts";
import { loadSupergraph } from "../../gateway/supergraph/supergraph.ts";
import { linkedFeatures } from "../../lib/linked-features.ts";
import { librarySupergraph, SPELLINGS } from "../hardening/support/library-supergraph.ts";

const load = (sdl: string) => loadSupergraph(sdl, new Date(0));
const plain = librarySupergraph();

describe.each(Object.keys(SPELLINGS))("a supergraph whose directives are %s", (spelling) => {
  const sdl = librarySupergraph(spelling);
  const loaded = load(sdl);

  test("asks the same of its callers as under their own names", () => {
    expect(loaded.requirements).toEqual(load(plain).requirements);
    expect(loaded.requirements.types.size).toBeGreaterThan(3);
  });

  test("costs the same, and lists are as long", () => {
    expect(costDirectives(loaded.document)).toEqual(costDirectives(parse(plain)));
    expect([...costDirectives(loaded.document).weights]).toEqual([["Query.found", 9]]);
    expect(costDirectives(loaded.document).listSizes.get("Query.items")?.assumedSize).toBe(7);
  });

  test("hides what is inaccessible", () => {
    const api = printSchema(loaded.apiSchema);
    expect(api).not.toMatch(/secret|lock/);
    expect(api).toBe(printSchema(load(plain).apiSchema));
  });

  test("has the names for every directive that Apollo's own reader finds", () => {
    const { schema } = Supergraph.build(sdl, {
      supportedFeatures: new Set(linkedFeatures(parse(sdl)).map(({ url }) => url)),
    });
    const features = linkedFeatures(parse(sdl));
    for (const definition of schema.directives()) {
      const source = schema.coreFeatures?.sourceFeature(definition);
      const owners = features.filter((feature) => feature.owns(definition.name));
      expect(owners.map(({ identity }) => identity)).toEqual([source?.feature.url.identity]);
      expect(owners[0]?.directive(source?.nameInFeature ?? "")).toBe(definition.name);
    }
  });
});

describe("protection that would not be there", () => {
  const linking = (link: string, definition = "") =>
    plain.replace(/^schema\n/, `schema\n  ${link}\n`).concat(definition);

  test.each([
    ["a specification that we do not know", "https://acme.example/fortress/v1.0", "acme.example/fortress"],
    ["policies", "https://specs.apollo.dev/policy/v0.1", "specs.apollo.dev/policy/v0.1"],
  ])("is refused when it is linked for security: %s", (_what, url, named) => {
    expect(() => load(linking(`@link(url: "${url}", for: SECURITY)`))).toThrow(named);
  });

  test("is refused when it is policies, whatever the link says that they are for", () => {
    const link = `@link(url: "https://specs.apollo.dev/policy/v0.1", import: [{ name: "@policy", as: "@quiet" }])`;
    expect(() => load(linking(link))).toThrow("which is not enforced here");
  });

  test.each(["authenticated", "requiresScopes", "inaccessible"])(
    "is refused when it is a version of %s that we do not know",
    (name) => {
      const newer = plain.replace(new RegExp(`(specs.apollo.dev/${name})/v[0-9.]+`), "$1/v9.0");
      expect(newer).not.toBe(plain);
      expect(() => load(newer)).toThrow(`${name}/v9.0`);
    },
  );

  test.each(["authenticated", "requiresScopes"])(
    "is refused when @%s is used without a link to its specification",
    (name) => {
      const unlinked = plain.replace(new RegExp(`.*specs.apollo.dev/${name}/.*\n`), "");
      expect(unlinked).not.toBe(plain);
      expect(() => load(unlinked)).toThrow(`@${name} without linking its specification`);
    },
  );
});
