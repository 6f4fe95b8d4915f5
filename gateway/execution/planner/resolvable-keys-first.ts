import { Kind, visit, type ConstDirectiveNode, type DocumentNode } from "graphql";
import { argumentsOf, namesOfDirective } from "../../../lib/linked-features.ts";

/**
 * The same supergraph with the keys that can be resolved ahead of those that cannot. For fields with `@requires` the
 * planner goes back to a subgraph with the first key that it finds, whether or not the subgraph can resolve it; with a
 * key that it cannot, the subgraph gives nothing and the field would be null without a word.
 */
export function resolvableKeysFirst(supergraph: DocumentNode): DocumentNode {
  const joins = namesOfDirective(supergraph, "join", "type");
  const rank = (directive: ConstDirectiveNode) =>
    joins.has(directive.name.value) && argumentsOf(directive)["resolvable"] === false ? 1 : 0;
  const reordered = <T extends { directives?: readonly ConstDirectiveNode[] }>(type: T): T => ({
    ...type,
    directives: (type.directives ?? []).toSorted((a, b) => rank(a) - rank(b)),
  });
  return visit(supergraph, {
    [Kind.OBJECT_TYPE_DEFINITION]: (type) => reordered(type),
    [Kind.INTERFACE_TYPE_DEFINITION]: (type) => reordered(type),
  });
}
