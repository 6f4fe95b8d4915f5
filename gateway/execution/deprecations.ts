import {
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
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

type Used = { document: DocumentNode; definition: OperationDefinitionNode };

/**
 * Finds what an operation and its fragments use that is deprecated, each once; undefined when there is nothing. Most
 * documents have no word in them that anything deprecated is called: nothing else is looked at then.
 */
export function createDeprecations(schema: GraphQLSchema): (used: Used) => Deprecation[] | undefined {
  const names = deprecatedNames(schema);
  return (used) => {
    const text = used.document.loc?.source.body;
    const mayUse = text === undefined || (text.match(/\w+/g) ?? []).some((word) => names.has(word));
    return names.size > 0 && mayUse ? deprecationsIn(schema, used) : undefined;
  };
}

/** What fields, arguments and enum values are called of which some are deprecated. */
function deprecatedNames(schema: GraphQLSchema): ReadonlySet<string> {
  const named = Object.values(schema.getTypeMap()).flatMap((type): readonly Named[] => {
    if (isEnumType(type)) return type.getValues();
    if (isInputObjectType(type)) return Object.values(type.getFields());
    if (!isObjectType(type) && !isInterfaceType(type)) return [];
    return Object.values(type.getFields()).flatMap((field) => [field, ...field.args]);
  });
  const isDeprecated = ({ deprecationReason }: Named) => typeof deprecationReason === "string";
  return new Set(named.filter(isDeprecated).map(({ name }) => name));
}

interface Named extends Deprecatable {
  name: string;
}

function deprecationsIn(schema: GraphQLSchema, { document, definition }: Used): Deprecation[] | undefined {
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
