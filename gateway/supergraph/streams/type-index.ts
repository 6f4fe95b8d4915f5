import {
  Kind,
  type DocumentNode,
  type InterfaceTypeDefinitionNode,
  type ObjectTypeDefinitionNode,
  type TypeDefinitionNode,
  type TypeNode,
  type UnionTypeDefinitionNode,
} from "graphql";

export type Composite = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode | UnionTypeDefinitionNode;

/** The types of a supergraph by name. */
export class TypeIndex {
  readonly #types: ReadonlyMap<string, TypeDefinitionNode>;

  constructor(supergraph: DocumentNode) {
    this.#types = new Map(
      supergraph.definitions.flatMap((node) =>
        "name" in node && node.name && node.kind !== Kind.DIRECTIVE_DEFINITION
          ? [[node.name.value, node as TypeDefinitionNode]]
          : [],
      ),
    );
  }

  get(name: string): TypeDefinitionNode | undefined {
    return this.#types.get(name);
  }

  composite(name: string): Composite | undefined {
    const node = this.#types.get(name);
    const isComposite =
      node?.kind === Kind.OBJECT_TYPE_DEFINITION ||
      node?.kind === Kind.INTERFACE_TYPE_DEFINITION ||
      node?.kind === Kind.UNION_TYPE_DEFINITION;
    return isComposite ? node : undefined;
  }

  /** The object types of an abstract type. */
  objectsOf(name: string): string[] {
    const node = this.#types.get(name);
    if (node?.kind === Kind.UNION_TYPE_DEFINITION) return (node.types ?? []).map((each) => each.name.value);
    return [...this.#types.values()].flatMap((each) =>
      each.kind === Kind.OBJECT_TYPE_DEFINITION && each.interfaces?.some((above) => above.name.value === name)
        ? [each.name.value]
        : [],
    );
  }
}

/** The type without lists and non-null marks. */
export function namedTypeOf(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : namedTypeOf(type.type);
}
