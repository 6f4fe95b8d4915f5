import {
  GraphQLError,
  Kind,
  valueFromASTUntyped,
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
} from "graphql";

/**
 * Refuses supergraphs with shapes that the planner accepts and then answers wrong without a word: arguments
 * inside `@requires` get lost or mixed up, `@fromContext` arguments are never filled in, and an
 * `@interfaceObject` whose key cannot be resolved gives objects without their fields.
 *
 * @throws GraphQLError naming the field or type, the subgraph and what to do
 */
export function refuseUnsafeShapes(supergraph: DocumentNode): void {
  for (const type of supergraph.definitions) {
    if (type.kind !== Kind.OBJECT_TYPE_DEFINITION && type.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    const name = type.name.value;
    for (const join of directives(type, "join__type")) checkInterfaceObject(name, join);
    for (const field of type.fields ?? []) checkField(`${name}.${field.name.value}`, field);
  }
}

function checkInterfaceObject(name: string, join: ConstDirectiveNode): void {
  const { graph, isInterfaceObject, resolvable } = argumentsOf(join);
  if (isInterfaceObject !== true || resolvable !== false) return;
  throw new GraphQLError(
    `${name} is an @interfaceObject with a key that is not resolvable in the subgraph ${String(graph)}; its fields would be missing from answers. Make the key resolvable there`,
  );
}

function checkField(coordinate: string, field: FieldDefinitionNode): void {
  for (const join of directives(field, "join__field")) {
    const { graph, requires, contextArguments } = argumentsOf(join);
    if (typeof requires === "string" && requires.includes("(")) {
      throw new GraphQLError(
        `${coordinate} has arguments inside @requires(fields: ${JSON.stringify(requires)}) in the subgraph ${String(graph)}; they would be lost or mixed up. Require a field without arguments`,
      );
    }
    if (Array.isArray(contextArguments) && contextArguments.length > 0) {
      throw new GraphQLError(
        `${coordinate} takes an argument from @fromContext in the subgraph ${String(graph)}; it would never be filled in. Pass the value as an ordinary argument or with @requires`,
      );
    }
  }
}

const directives = (
  { directives: all = [] }: { directives?: readonly ConstDirectiveNode[] | undefined },
  name: string,
) => all.filter((directive) => directive.name.value === name);

const argumentsOf = ({ arguments: given = [] }: ConstDirectiveNode): Record<string, unknown> =>
  Object.fromEntries(given.map(({ name, value }) => [name.value, valueFromASTUntyped(value)]));
