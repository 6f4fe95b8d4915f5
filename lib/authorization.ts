import {
  defaultFieldResolver,
  Kind,
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  isInterfaceType,
  isObjectType,
  type TypeNode,
  valueFromASTUntyped,
} from "graphql";
import { CodedError } from "./errors.ts";
import type { Identity } from "./identity.ts";

/** What a field asks of its caller: every list is sufficient, all scopes of a list are necessary. */
export type Requirement = readonly (readonly string[])[];

/** Requirements by coordinate, `Type.field`. An empty requirement means "any signed-in caller". */
export type Requirements = ReadonlyMap<string, Requirement>;

/** A field of an operation that asks something of its caller. */
export interface ProtectedField {
  coordinate: string;
  requirement: Requirement;
  node: FieldNode;
}

/**
 * Reads `@authenticated` and `@requiresScopes` from SDL. A directive on an object or interface holds for each of its
 * fields, one on a scalar or enum for each field that returns it, on top of the field's own.
 */
export function requirementsOf(sdl: DocumentNode): Requirements {
  const ofLeaves = new Map<string, Requirement | undefined>();
  for (const node of sdl.definitions) {
    if (node.kind === Kind.SCALAR_TYPE_DEFINITION || node.kind === Kind.ENUM_TYPE_DEFINITION)
      ofLeaves.set(node.name.value, requirementIn(node.directives));
  }
  const requirements = new Map<string, Requirement>();
  for (const node of sdl.definitions) {
    if (!HAS_FIELDS.has(node.kind) || !("fields" in node)) continue;
    const ofType = requirementIn(node.directives);
    for (const field of node.fields ?? []) {
      if (field.kind !== Kind.FIELD_DEFINITION) continue;
      const ofField = both(requirementIn(field.directives), ofLeaves.get(nameOf(field.type)));
      const requirement = both(ofType, ofField);
      if (requirement) requirements.set(`${node.name.value}.${field.name.value}`, requirement);
    }
  }
  return requirements;
}

const HAS_FIELDS = new Set<Kind>([
  Kind.OBJECT_TYPE_DEFINITION,
  Kind.OBJECT_TYPE_EXTENSION,
  Kind.INTERFACE_TYPE_DEFINITION,
  Kind.INTERFACE_TYPE_EXTENSION,
]);

const nameOf = (type: TypeNode): string =>
  type.kind === Kind.NAMED_TYPE ? type.name.value : nameOf(type.type);

/**
 * Lets the caller pass or says what is missing.
 *
 * @throws CodedError UNAUTHENTICATED for anonymous callers, FORBIDDEN naming the missing scope otherwise
 */
export function authorize(identity: Identity, requirement: Requirement): void {
  if (holds(identity, requirement)) return;
  if (isAnonymous(identity)) throw new CodedError("UNAUTHENTICATED", "This needs a bearer token");
  const missing = requirement
    .map((scopes) => scopes.filter((scope) => !identity.scopes.includes(scope)).join(" and "))
    .join(", or ");
  throw new CodedError("FORBIDDEN", `Missing scope: ${missing}`);
}

/** Whether a caller has what is required. */
export const holds = (identity: Identity, requirement: Requirement): boolean =>
  requirement.length === 0
    ? !isAnonymous(identity)
    : requirement.some((scopes) => scopes.every((scope) => identity.scopes.includes(scope)));

const isAnonymous = ({ subject }: Identity) => subject === "anonymous";

/** What a guarded schema needs of its context. */
interface Guarded {
  caller: { identity: Identity };
}

/** Makes every protected field of an executable schema check its caller before it resolves. */
export function guardSchema(schema: GraphQLSchema, requirements: Requirements): GraphQLSchema {
  for (const [coordinate, requirement] of requirements) {
    const [typeName = "", fieldName = ""] = coordinate.split(".");
    const type = schema.getType(typeName);
    // Whoever resolves it is an object, with requirements of its own.
    if (isInterfaceType(type)) continue;
    const field = isObjectType(type) ? type.getFields()[fieldName] : undefined;
    if (!field) throw new Error(`${coordinate} is protected but not part of the schema`);
    const key = field.subscribe ? "subscribe" : "resolve";
    const inner = field[key] ?? defaultFieldResolver;
    field[key] = (...call: Parameters<GraphQLFieldResolver<unknown, Guarded>>) => {
      const [, , { caller }] = call;
      authorize(caller.identity, requirement);
      return inner(...call);
    };
  }
  return schema;
}

function requirementIn(directives: readonly DirectiveNode[] | undefined): Requirement | undefined {
  let found: Requirement | undefined;
  for (const directive of directives ?? []) {
    if (directive.name.value === "authenticated") found = both(found, []);
    if (directive.name.value === "requiresScopes") {
      const argument = directive.arguments?.find(({ name }) => name.value === "scopes");
      found = both(found, argument ? (valueFromASTUntyped(argument.value) as Requirement) : [[]]);
    }
  }
  return found;
}

/** Both requirements at once: every pair of alternatives, joined. */
function both(a: Requirement | undefined, b: Requirement | undefined): Requirement | undefined {
  if (!a || !b) return a ?? b;
  if (a.length === 0 || b.length === 0) return a.length === 0 ? b : a;
  return a.flatMap((left) => b.map((right) => [...left, ...right]));
}
