import {
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isTypeDefinitionNode,
  Kind,
  valueFromASTUntyped,
  type ConstDirectiveNode,
  type DocumentNode,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
} from "graphql";

/** A field that not everybody may see, itself or what it returns, and an operation that asks for it. */
export interface ProtectedField {
  coordinate: string;
  kind: "query" | "mutation" | "subscription";
  operation: string;
  /** The field itself with what it needs: its arguments, and something of what it returns. */
  selection: string;
  /** Scopes of the field itself, any of them. */
  own: string[];
  /** Scopes that suffice for the whole operation. */
  sufficient: string[];
  /** Whether a token is all that it asks for. */
  needsNoScope: boolean;
  /** Whether only what it returns is protected. */
  isOpenItself: boolean;
}

type Scopes = string[][];

/**
 * Every field under `@requiresScopes` or `@authenticated`, its own, its type's or that of whatever it may return, with
 * the shortest way to it. Reads the directives by these names alone.
 */
export function protectedFields(sdl: DocumentNode, schema: GraphQLSchema): ProtectedField[] {
  const scopes = scopesByCoordinate(sdl, schema);
  const ownOnes = scopesByCoordinate(sdl);
  const ways = shortestWays(schema);
  return [...scopes].flatMap(([coordinate, own]) => {
    const [typeName = "", fieldName = ""] = coordinate.split(".");
    const type = schema.getType(typeName);
    const field = isObjectType(type) ? type.getFields()[fieldName] : undefined;
    const way = ways.get(typeName);
    if (!field || !way) return [];
    const coordinates = [...way.coordinates, coordinate];
    const sufficient = coordinates.flatMap(
      (each) => scopes.get(each)?.flatMap((needed) => needed[0] ?? []) ?? [],
    );
    const inside = `${call(field)}${isCompositeType(getNamedType(field.type)) ? " { __typename }" : ""}`;
    return [
      {
        coordinate,
        kind: way.kind,
        operation: way.wrap(inside),
        selection: inside,
        own: own.flat(2),
        sufficient,
        needsNoScope: own.flat(2).length === 0,
        isOpenItself: !ownOnes.has(coordinate),
      },
    ];
  });
}

/**
 * For each coordinate the lists of alternatives, all of which have to be met; `[[]]` where a token is enough. Without a schema, what a field returns is
 * left out.
 */
function scopesByCoordinate({ definitions }: DocumentNode, schema?: GraphQLSchema): Map<string, Scopes[]> {
  const ofTypes = new Map(
    definitions.flatMap((node): [string, Scopes[]][] =>
      isTypeDefinitionNode(node) ? [[node.name.value, scopesIn(node.directives)]] : [],
    ),
  );
  const ofReturned = (field: GraphQLField<unknown, unknown> | undefined): Scopes[] => {
    if (!field || !schema) return [];
    const type = getNamedType(field.type);
    const possible = isAbstractType(type) ? schema.getPossibleTypes(type) : [];
    return [type, ...possible].flatMap(({ name }) => ofTypes.get(name) ?? []);
  };
  const found = new Map<string, Scopes[]>();
  for (const node of definitions) {
    if (node.kind !== Kind.OBJECT_TYPE_DEFINITION) continue;
    const type = schema?.getType(node.name.value);
    const fields = isObjectType(type) ? type.getFields() : {};
    for (const field of node.fields ?? []) {
      const all = [
        ...scopesIn(node.directives),
        ...scopesIn(field.directives),
        ...ofReturned(fields[field.name.value]),
      ];
      if (all.length > 0) found.set(`${node.name.value}.${field.name.value}`, all);
    }
  }
  return found;
}

const scopesIn = (directives: readonly ConstDirectiveNode[] = []): Scopes[] =>
  directives.flatMap(({ name, arguments: [scopes] = [] }) => {
    if (name.value === "authenticated") return [[[]]];
    return name.value === "requiresScopes" && scopes ? [valueFromASTUntyped(scopes.value) as Scopes] : [];
  });

interface Way {
  kind: ProtectedField["kind"];
  coordinates: string[];
  wrap: (inside: string) => string;
}

function shortestWays(schema: GraphQLSchema): Map<string, Way> {
  const ways = new Map<string, Way>();
  const open: string[] = [];
  const reach = (name: string, way: Way) => {
    if (ways.has(name)) return;
    ways.set(name, way);
    open.push(name);
  };
  for (const kind of ["query", "mutation", "subscription"] as const) {
    const root = schema.getRootType(kind as never);
    if (root) reach(root.name, { kind, coordinates: [], wrap: (inside) => `${kind} { ${inside} }` });
  }
  for (let name = open.shift(); name !== undefined; name = open.shift()) {
    const [type, way] = [schema.getType(name), ways.get(name)];
    if (!isObjectType(type) || !way) continue;
    for (const field of Object.values(type.getFields())) {
      const next = getNamedType(field.type);
      const coordinates = [...way.coordinates, `${name}.${field.name}`];
      const through = (inside: string) => way.wrap(`${call(field)} { ${inside} }`);
      if (isObjectType(next)) reach(next.name, { ...way, coordinates, wrap: through });
      for (const { name: concrete } of isAbstractType(next) ? schema.getPossibleTypes(next) : [])
        reach(concrete, {
          ...way,
          coordinates,
          wrap: (inside) => through(`... on ${concrete} { ${inside} }`),
        });
    }
  }
  return ways;
}

/** A field with something for each argument that it needs. */
function call({ name, args }: GraphQLField<unknown, unknown>): string {
  const needed = args.filter(({ type, defaultValue }) => isNonNullType(type) && defaultValue === undefined);
  if (needed.length === 0) return name;
  return `${name}(${needed.map((argument) => `${argument.name}: ${something(argument.type)}`).join(", ")})`;
}

function something(given: GraphQLInputType): string {
  const type = getNullableType(given);
  if (isListType(type)) return "[]";
  if (isEnumType(type)) return type.getValues()[0]?.name ?? "";
  if (isInputObjectType(type)) {
    const needed = Object.values(type.getFields()).filter((field) => isNonNullType(field.type));
    return `{ ${needed.map((field) => `${field.name}: ${something(field.type)}`).join(", ")} }`;
  }
  if (type.name === "Boolean") return "true";
  if (type.name === "DateTime") return '"2026-01-01T00:00:00Z"';
  return type.name === "ID" || type.name === "String" ? '"1"' : "1";
}
