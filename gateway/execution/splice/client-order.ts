import {
  Kind,
  parse,
  print,
  stripIgnoredCharacters,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";
import { shapeBelow, type ObjectShape } from "./object-shape.ts";

/*
 * The planner asks for type names first, clients that cache put them last. What a subgraph brings can be copied as
 * it is only if it was asked for in the client's order.
 */

/** A fetch in the client's order, but for the objects at `place`. */
export const inClientOrder = (text: string, root: ObjectShape, place: readonly string[] = []): string =>
  rewrite(text, (set) => ordered(set, root, place));

/** A fetch of entities of one type in the client's order. */
export const entitiesInClientOrder = (text: string, entity: ObjectShape): string =>
  rewrite(text, (set) => below(set, (entities) => below(entities, (inside) => ordered(inside, entity, []))));

function rewrite(text: string, change: (set: SelectionSetNode) => SelectionSetNode): string {
  const document = parse(text, { noLocation: true });
  const definitions = document.definitions.map((definition) =>
    definition.kind === Kind.OPERATION_DEFINITION
      ? { ...definition, selectionSet: change(definition.selectionSet) }
      : definition,
  );
  const changed = print({ ...document, definitions });
  return changed === print(document) ? text : stripIgnoredCharacters(changed);
}

const below = (
  set: SelectionSetNode,
  change: (set: SelectionSetNode) => SelectionSetNode,
): SelectionSetNode => ({
  ...set,
  selections: set.selections.map((node) =>
    node.kind !== Kind.FRAGMENT_SPREAD && node.selectionSet
      ? { ...node, selectionSet: change(node.selectionSet) }
      : node,
  ),
});

function ordered(
  set: SelectionSetNode,
  { fields, scope }: ObjectShape,
  place: readonly string[],
): SelectionSetNode {
  const indexOf = (node: SelectionNode) => {
    const index = node.kind === Kind.FIELD ? fields.findIndex(({ key }) => key === responseName(node)) : -1;
    return index < 0 ? fields.length : index;
  };
  const selections = set.selections.map((node) => {
    const field = fields[indexOf(node)];
    const shape = field && shapeBelow(field, scope);
    if (!shape || node.kind !== Kind.FIELD || !node.selectionSet) return node;
    const isOnWay = place[0] === field.key;
    if (isOnWay && place.length === 1) return node;
    return { ...node, selectionSet: ordered(node.selectionSet, shape, isOnWay ? place.slice(1) : []) };
  });
  return { ...set, selections: selections.toSorted((a, b) => indexOf(a) - indexOf(b)) };
}

const responseName = (node: SelectionNode & { kind: Kind.FIELD }) => (node.alias ?? node.name).value;
