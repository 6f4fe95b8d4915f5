import { Kind, print, specifiedDirectives, visit, type DocumentNode } from "graphql";
import { linkedFeatures } from "../../../lib/linked-features.ts";

const NEEDED = new Set(["join", "link", "core"].map((name) => `https://specs.apollo.dev/${name}`));
const BUILT_IN = new Set(["link", "core", ...specifiedDirectives.map(({ name }) => name)]);

/**
 * A supergraph with what plans depend on: how its subgraphs are joined. Directives for others are left out, because the
 * native planner knows some of them by their names alone, and ends the process over a `@cost` of somebody else's
 * specification. Operations have been validated and authorised by all of them before they are planned.
 */
export function planningSdl(supergraph: DocumentNode): string {
  const needed = linkedFeatures(supergraph).filter(({ identity }) => NEEDED.has(identity));
  const isNeeded = (name: string) => BUILT_IN.has(name) || needed.some((feature) => feature.owns(name));
  return print(
    visit(supergraph, {
      [Kind.DIRECTIVE]: ({ name }) => (isNeeded(name.value) ? undefined : null),
      [Kind.DIRECTIVE_DEFINITION]: ({ name }) => (isNeeded(name.value) ? undefined : null),
    }),
  );
}
