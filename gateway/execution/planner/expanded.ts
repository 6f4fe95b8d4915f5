import {
  getNamedType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  parse,
  print,
  typeFromAST,
  TypeNameMetaFieldDef,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";
import { fragmentsOf } from "../decided.ts";

/**
 * The same operation without fragments of abstract types: each becomes one for every object type that it can apply to.
 * Planners follow an interface that only some of an object's subgraphs know less well than they follow its types.
 */
export function expanded(schema: GraphQLSchema, text: string): string {
  const document = parse(text, { noLocation: true });
  const expansion = new Expansion(schema, fragmentsOf(document));
  return document.definitions
    .flatMap((node) => {
      if (node.kind !== Kind.OPERATION_DEFINITION) return [];
      const root = schema.getRootType(node.operation);
      return root ? [print({ ...node, selectionSet: expansion.of(node.selectionSet, root) })] : [];
    })
    .join("\n");
}

class Expansion {
  readonly #schema: GraphQLSchema;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;

  constructor(schema: GraphQLSchema, fragments: ReadonlyMap<string, FragmentDefinitionNode>) {
    this.#schema = schema;
    this.#fragments = fragments;
  }

  of(set: SelectionSetNode, parent: GraphQLCompositeType): SelectionSetNode {
    const selections = set.selections.flatMap((each) => this.#selection(each, parent));
    // Nothing may be left where no object can have what was selected.
    return { ...set, selections: selections.length > 0 ? selections : [TYPENAME] };
  }

  #selection(node: SelectionNode, parent: GraphQLCompositeType): SelectionNode[] {
    if (node.kind === Kind.FIELD) {
      const field = "getFields" in parent ? parent.getFields()[node.name.value] : undefined;
      const type = field && getNamedType(field.type);
      if (!node.selectionSet || !isCompositeType(type)) return [node];
      return [{ ...node, selectionSet: this.of(node.selectionSet, type) }];
    }
    const fragment = node.kind === Kind.INLINE_FRAGMENT ? node : this.#fragments.get(node.name.value);
    if (!fragment) return [];
    const named = fragment.typeCondition && typeFromAST(this.#schema, fragment.typeCondition);
    const condition = isCompositeType(named) ? named : parent;
    if (condition === parent || this.#isAbove(condition, parent))
      return fragment.selectionSet.selections.flatMap((each) => this.#selection(each, parent));
    return this.#objectsOf(condition, parent).map((type) => ({
      kind: Kind.INLINE_FRAGMENT,
      typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: type.name } },
      selectionSet: this.of(fragment.selectionSet, type),
    }));
  }

  #isAbove = (condition: GraphQLCompositeType, type: GraphQLCompositeType): boolean =>
    isAbstractType(condition) &&
    (isObjectType(type) || isInterfaceType(type)) &&
    this.#schema.isSubType(condition, type);

  #objectsOf(condition: GraphQLCompositeType, parent: GraphQLCompositeType) {
    const objects = isAbstractType(condition) ? this.#schema.getPossibleTypes(condition) : [condition];
    return objects.filter((type) =>
      isAbstractType(parent) ? this.#schema.isSubType(parent, type as never) : type === parent,
    );
  }
}

const TYPENAME: SelectionNode = {
  kind: Kind.FIELD,
  name: { kind: Kind.NAME, value: TypeNameMetaFieldDef.name },
};
