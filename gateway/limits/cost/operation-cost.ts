import {
  getNamedType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  OperationTypeNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLNamedType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from "graphql";
import { argumentsCost } from "./argument-cost.ts";
import { customaryListSize, isList, sizeOf } from "./list-size.ts";
import { add, multiply, sum, type Term } from "./term.ts";
import type { CostDirectives } from "./weights.ts";

export interface CostModel extends CostDirectives {
  schema: GraphQLSchema;
  /** Items of a list about which nothing is said. */
  defaultListSize: number;
}

/** What a mutation costs beside what it returns. */
const MUTATION_COST = 10;

/**
 * The cost of an operation before it runs, as in IBM's GraphQL cost directive specification and Apollo's demand
 * control: an object costs 1 and a leaf nothing unless `@cost` says otherwise, a list as many times as it may have
 * items, an argument what its input objects cost. Conditions are taken to include their fields. Everything that
 * does not depend on variables is added up here; the rest is a function of them.
 *
 * @param document valid for the schema
 */
export function operationCost(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  model: CostModel,
): Term {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  const root = model.schema.getRootType(operation.operation);
  const base = operation.operation === OperationTypeNode.MUTATION ? MUTATION_COST : 0;
  if (!root) return base;
  return add(
    base,
    selectionCost({ selections: operation.selectionSet, type: root }, { operation, fragments, model }),
  );
}

interface Costing {
  operation: OperationDefinitionNode;
  fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  model: CostModel;
}

interface Level {
  selections: SelectionSetNode;
  type: GraphQLCompositeType;
  /** Lengths of fields of this level that the field above has decided. */
  sized?: { fields: readonly string[]; size: Term } | undefined;
}

function selectionCost(level: Level, costing: Costing): Term {
  const { fragments, model } = costing;
  return sum(
    level.selections.selections.map((node) => {
      if (node.kind === Kind.FIELD) return fieldCost(node, level, costing);
      const fragment = node.kind === Kind.FRAGMENT_SPREAD ? fragments.get(node.name.value) : node;
      const condition = fragment?.typeCondition?.name.value;
      const type = condition === undefined ? level.type : model.schema.getType(condition);
      if (!fragment || !isCompositeType(type)) return 0;
      return selectionCost({ ...level, selections: fragment.selectionSet, type }, costing);
    }),
  );
}

function fieldCost(node: FieldNode, { type, sized }: Level, costing: Costing): Term {
  const name = node.name.value;
  const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;
  // Introspection is forbidden or harmless: it asks no subgraph.
  if (!field) return 0;
  const { model, operation } = costing;
  const coordinates = coordinatesOf(type, name, model.schema);
  const declared = coordinates.map((coordinate) => model.listSizes.get(coordinate)).find(Boolean);
  const size = declared ?? customaryListSize(field);
  const ownSize = size && sizeOf({ node, field, size }, operation, model.defaultListSize);
  const returned = getNamedType(field.type);
  const below = isCompositeType(returned) && node.selectionSet;
  const children = below
    ? selectionCost(
        {
          selections: below,
          type: returned,
          sized: size && ownSize !== undefined ? { fields: size.sizedFields, size: ownSize } : undefined,
        },
        costing,
      )
    : 0;
  const items = isList(field)
    ? sized?.fields.includes(name)
      ? sized.size
      : (ownSize ?? model.defaultListSize)
    : 1;
  const each = add(weightOf(coordinates, returned, model), children);
  return add(multiply(items, each), argumentsCost(node, { field, coordinates }, { operation, model }));
}

/** A field of an interface may be any of its implementations' fields: the dearest counts. */
function coordinatesOf(type: GraphQLCompositeType, name: string, schema: GraphQLSchema): string[] {
  const concrete = isAbstractType(type) ? schema.getPossibleTypes(type) : [];
  return [type, ...concrete].map((each) => `${each.name}.${name}`);
}

function weightOf(
  coordinates: readonly string[],
  returned: GraphQLNamedType,
  { schema, weights }: CostModel,
): number {
  const own = coordinates
    .map((coordinate) => weights.get(coordinate))
    .filter((weight) => weight !== undefined);
  if (own.length > 0) return Math.max(...own);
  const types = isAbstractType(returned) ? schema.getPossibleTypes(returned) : [returned];
  const usual = isCompositeType(returned) ? 1 : 0;
  return Math.max(...types.map(({ name }) => weights.get(name) ?? usual));
}
