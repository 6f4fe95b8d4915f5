import { GraphQLError, Kind, type ConstDirectiveNode, type DocumentNode } from "graphql";
import { argumentsOf, namesOfDirective } from "../lib/linked-features.ts";

/**
 * Refuses supergraphs with shapes that the planner accepts and then answers wrong without a word: arguments
 * inside `@requires` get lost or mixed up, `@fromContext` arguments are never filled in, and an
 * `@interfaceObject` whose key cannot be resolved gives objects without their fields.
 *
 * @throws GraphQLError naming the field or type, the subgraph and what to do
 */
export function refuseUnsafeShapes(supergraph: DocumentNode): void {
  const join = namesOfDirective(supergraph, "join", "type");
  const joinField = namesOfDirective(supergraph, "join", "field");
  for (const type of supergraph.definitions) {
    if (type.kind !== Kind.OBJECT_TYPE_DEFINITION && type.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    const name = type.name.value;
    for (const joined of directives(type, join)) checkInterfaceObject(name, joined);
    for (const field of type.fields ?? [])
      for (const joined of directives(field, joinField)) checkField(`${name}.${field.name.value}`, joined);
  }
}

function checkInterfaceObject(name: string, join: ConstDirectiveNode): void {
  const { graph, isInterfaceObject, resolvable } = argumentsOf(join);
  if (isInterfaceObject !== true || resolvable !== false) return;
  throw new GraphQLError(
    `${name} is an @interfaceObject with a key that is not resolvable in the subgraph ${String(graph)}; its fields would be missing from answers. Make the key resolvable there`,
  );
}

function checkField(coordinate: string, join: ConstDirectiveNode): void {
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

const directives = (
  { directives: all = [] }: { directives?: readonly ConstDirectiveNode[] | undefined },
  names: ReadonlySet<string>,
) => all.filter((directive) => names.has(directive.name.value));
