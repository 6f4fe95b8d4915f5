import {
  defaultFieldResolver,
  Kind,
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  type InlineFragmentNode,
  isInterfaceType,
  isObjectType,
  isTypeDefinitionNode,
  isTypeExtensionNode,
  type TypeNode,
} from "graphql";
import { CodedError } from "./errors.ts";
import type { Identity } from "./identity.ts";
import { argumentsOf, namesOfDirective } from "./linked-features.ts";

/** What something asks of its caller. */
export interface Requirement {
  /** Anonymous callers may not have it, whatever their scopes. */
  signedIn: boolean;
  /** Every list is sufficient, all scopes of a list are necessary; `[[]]` asks for none. */
  scopes: readonly (readonly string[])[];
}

/** What the parts of a schema ask of their callers. */
export interface Requirements {
  /** By coordinate, `Type.field`: the field's own with that of its type and of the type that it returns. */
  fields: ReadonlyMap<string, Requirement>;
  /** By type: asked of whoever could learn that there is such an object. */
  types: ReadonlyMap<string, Requirement>;
}

/** A field or type that an operation reaches and that asks something of its caller. */
export interface ProtectedPart {
  /** `Type.field` or `Type`. */
  coordinate: string;
  requirement: Requirement;
  node: FieldNode | InlineFragmentNode | FragmentDefinitionNode;
}

/**
 * Reads `@authenticated` and `@requiresScopes` from SDL, under whatever names it links them. A directive on a type
 * holds for each of its fields and for every field that returns it, on top of the field's own: that there is an object
 * is part of what is protected.
 */
export function requirementsOf(sdl: DocumentNode): Requirements {
  const requirementIn = requirementReader(sdl);
  const types = new Map<string, Requirement>();
  for (const node of sdl.definitions) {
    if (!isTypeDefinitionNode(node) && !isTypeExtensionNode(node)) continue;
    const name = node.name.value;
    const requirement = both(types.get(name), requirementIn(node.directives));
    if (requirement) types.set(name, requirement);
  }
  const fields = new Map<string, Requirement>();
  for (const node of sdl.definitions) {
    if (!HAS_FIELDS.has(node.kind) || !("fields" in node)) continue;
    const ofType = types.get(node.name.value);
    for (const field of node.fields ?? []) {
      if (field.kind !== Kind.FIELD_DEFINITION) continue;
      const ofReturned = types.get(nameOf(field.type));
      const requirement = both(both(ofType, requirementIn(field.directives)), ofReturned);
      if (requirement) fields.set(`${node.name.value}.${field.name.value}`, requirement);
    }
  }
  return { fields, types };
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
  const missing = requirement.scopes
    .map((scopes) => scopes.filter((scope) => !identity.scopes.includes(scope)).join(" and "))
    .join(", or ");
  throw new CodedError("FORBIDDEN", `Missing scope: ${missing}`);
}

/** Whether a caller has what is required. */
const holds = (identity: Identity, { signedIn, scopes }: Requirement): boolean =>
  !(signedIn && isAnonymous(identity)) &&
  scopes.some((all) => all.every((scope) => identity.scopes.includes(scope)));

const isAnonymous = ({ subject }: Identity) => subject === "anonymous";

/** What a guarded schema needs of its context. */
interface Guarded {
  caller: { identity: Identity };
}

/** Makes every protected field of an executable schema check its caller before it resolves. */
export function guardSchema(schema: GraphQLSchema, requirements: Requirements): GraphQLSchema {
  for (const [coordinate, requirement] of requirements.fields) {
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

/** Reads what the directives of one element ask for. */
function requirementReader(sdl: DocumentNode) {
  const authenticated = namesOfDirective(sdl, "authenticated", "authenticated");
  const requiresScopes = namesOfDirective(sdl, "requiresScopes", "requiresScopes");
  return (directives: readonly ConstDirectiveNode[] = []): Requirement | undefined => {
    let found: Requirement | undefined;
    for (const directive of directives) {
      const name = directive.name.value;
      if (authenticated.has(name)) found = both(found, { signedIn: true, scopes: ANYTHING });
      if (!requiresScopes.has(name)) continue;
      const { scopes } = argumentsOf(directive) as { scopes: Requirement["scopes"] };
      found = both(found, { signedIn: false, scopes: scopes.length === 0 ? ANYTHING : scopes });
    }
    return found;
  };
}

/** The requirement of one scope. */
export const needs = (scope: string): Requirement => ({ signedIn: false, scopes: [[scope]] });

const ANYTHING: Requirement["scopes"] = [[]];

/** Both requirements at once: every pair of alternatives, joined, without those that ask for more than another. */
function both(a: Requirement | undefined, b: Requirement | undefined): Requirement | undefined {
  if (!a || !b || a === b) return a ?? b;
  const joined = a.scopes.flatMap((left) => b.scopes.map((right) => [...new Set([...left, ...right])]));
  const scopes: string[][] = [];
  for (const candidate of joined.toSorted((one, other) => one.length - other.length))
    if (!scopes.some((known) => known.every((scope) => candidate.includes(scope)))) scopes.push(candidate);
  return { signedIn: a.signedIn || b.signedIn, scopes };
}
