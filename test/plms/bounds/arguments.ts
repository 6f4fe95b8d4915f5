import {
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isSpecifiedScalarType,
  type GraphQLInputType,
  type GraphQLSchema,
} from "graphql";

/** Where a value goes in a call: the argument, then fields of input objects and positions in lists. */
export type Path = readonly [argument: string, ...rest: (string | number)[]];

/** One place of the schema that takes a value from outside. */
export interface InputPlace {
  /** As the schema writes it: `Type.field(argument:)` or `Input.field`. */
  coordinate: string;
  /** The field that is called, `Type.field`. */
  field: string;
  path: Path;
  type: GraphQLInputType;
}

/** Every place below every field that is called with arguments; input objects are entered once per argument. */
export function inputPlaces(schema: GraphQLSchema): InputPlace[] {
  const fields = Object.values(schema.getTypeMap())
    .filter((type) => isObjectType(type) && !type.name.startsWith("__"))
    .flatMap((type) =>
      isObjectType(type) ? Object.values(type.getFields()).map((field) => ({ type, field })) : [],
    );
  return fields.flatMap(({ type, field }) =>
    field.args.flatMap((argument) =>
      below({
        coordinate: `${type.name}.${field.name}(${argument.name}:)`,
        field: `${type.name}.${field.name}`,
        path: [argument.name],
        type: argument.type,
      }),
    ),
  );
}

function below(place: InputPlace): InputPlace[] {
  const named = getNamedType(place.type);
  if (!isInputObjectType(named)) return [place];
  const inner: Path = isList(place.type) ? [...place.path, 0] : place.path;
  return [
    place,
    ...Object.values(named.getFields()).flatMap(({ name, type }) =>
      below({ coordinate: `${named.name}.${name}`, field: place.field, path: [...inner, name], type }),
    ),
  ];
}

const isList = (type: GraphQLInputType): boolean => isListType(isNonNullType(type) ? type.ofType : type);

/** True where the type alone is the bound: enums, booleans, and objects, whose fields have bounds of their own. */
export function isBoundedByType(type: GraphQLInputType): boolean {
  const named = getNamedType(type);
  if (isList(type)) return false;
  return (
    isEnumType(named) ||
    isInputObjectType(named) ||
    (isSpecifiedScalarType(named) && named.name === "Boolean")
  );
}

/** A copy of `base` with `value` at `path`. */
export function withValue(base: unknown, path: readonly (string | number)[], value: unknown): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return value;
  if (Array.isArray(base))
    return base.map((item, index) => (index === first ? withValue(item, rest, value) : item));
  const object = (base ?? {}) as Record<string, unknown>;
  return { ...object, [first]: withValue(object[first], rest, value) };
}
