import {
  getNamedType,
  isEnumType,
  isInputObjectType,
  Kind,
  separateOperations,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type DocumentNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from "graphql";

/** Something deprecated that an operation uses. */
export interface Deprecation {
  /** `Type.field`, `Type.field(argument:)`, `Input.field` or `Enum.VALUE`. */
  coordinate: string;
  reason: string;
  /** The day from which it may be gone, as far as the reason names one: the first ISO date in it. */
  sunset: string | null;
}

/** What an operation and its fragments use that is deprecated, each once; undefined when there is nothing. */
export function deprecationsIn(
  schema: GraphQLSchema,
  { document, definition }: { document: DocumentNode; definition: OperationDefinitionNode },
): Deprecation[] | undefined {
  const found = new Map<string, Deprecation>();
  const note = (coordinate: string, { deprecationReason: reason }: Deprecatable) => {
    if (typeof reason === "string") found.set(coordinate, { coordinate, reason, sunset: sunsetIn(reason) });
  };
  const own = separateOperations(document)[definition.name?.value ?? ""] ?? document;
  const types = new TypeInfo(schema);
  visit(
    own,
    visitWithTypeInfo(types, {
      enter: (node) => {
        const parent = types.getParentType();
        const field = types.getFieldDef();
        if (node.kind === Kind.FIELD && parent && field) note(`${parent.name}.${field.name}`, field);
        const argument = types.getArgument();
        if (node.kind === Kind.ARGUMENT && argument && parent && field && !types.getDirective())
          note(`${parent.name}.${field.name}(${argument.name}:)`, argument);
        const input = getNamedType(types.getParentInputType());
        if (node.kind === Kind.OBJECT_FIELD && isInputObjectType(input))
          note(`${input.name}.${node.name.value}`, input.getFields()[node.name.value] ?? {});
        const enumeration = getNamedType(types.getInputType());
        if (node.kind === Kind.ENUM && isEnumType(enumeration))
          note(`${enumeration.name}.${node.value}`, enumeration.getValue(node.value) ?? {});
      },
    }),
  );
  return found.size > 0 ? [...found.values()] : undefined;
}

interface Deprecatable {
  deprecationReason?: string | undefined | null;
}

const sunsetIn = (reason: string): string | null => /\b\d{4}-\d{2}-\d{2}\b/.exec(reason)?.[0] ?? null;
