import {
  getVariableValues,
  GraphQLError,
  Kind,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type TypeNode,
  type VariableDefinitionNode,
} from "graphql";
import type { LoadedSupergraph } from "../supergraph/supergraph.ts";
import type { Plannable } from "./plan-store.ts";

type Values = Record<string, unknown>;

/** Variables as the schema wants them, or what is wrong with them. */
export type Coerce = (raw: Readonly<Values>) => { coerced: Values } | { errors: GraphQLError[] };

/**
 * Coerces variables like graphql-js. Scalars of the language that already are what they have to be pass
 * without it, for that is nearly all there is.
 */
function compileCoercion(schema: GraphQLSchema, { variableDefinitions }: OperationDefinitionNode): Coerce {
  const definitions = variableDefinitions ?? [];
  const checks = definitions.map(passCheck);
  return (raw) => {
    const coerced: Values = {};
    let isPlain = true;
    for (const { name, passes } of checks) {
      const value = Object.hasOwn(raw, name) ? raw[name] : undefined;
      if (!passes(value)) isPlain = false;
      else if (value !== undefined) coerced[name] = value;
    }
    return isPlain ? { coerced } : coerceFully(schema, definitions, raw);
  };
}

function coerceFully(
  schema: GraphQLSchema,
  definitions: readonly VariableDefinitionNode[],
  raw: Readonly<Values>,
): ReturnType<Coerce> {
  const { coerced, errors } = getVariableValues(schema, definitions, { ...raw }, { maxErrors: 20 });
  return errors ? { errors: errors.map(asBadInput) } : { coerced };
}

interface PassCheck {
  name: string;
  /** Whether coercion would change nothing about a value and find nothing wrong with it. */
  passes: (value: unknown) => boolean;
}

function passCheck({ variable, type, defaultValue }: VariableDefinitionNode): PassCheck {
  const isRequired = type.kind === Kind.NON_NULL_TYPE;
  const passesPresent = presentCheck(isRequired ? type.type : type);
  const passes = (value: unknown) => {
    if (value === undefined) return !isRequired && !defaultValue;
    return value === null ? !isRequired : passesPresent(value);
  };
  return { name: variable.name.value, passes };
}

function presentCheck(type: TypeNode): (value: unknown) => boolean {
  if (type.kind !== Kind.NAMED_TYPE) return () => false;
  switch (type.name.value) {
    case "ID":
    case "String":
      return (value) => typeof value === "string";
    case "Int":
      return (value) => typeof value === "number" && Math.trunc(value) === value && Math.abs(value) < 2 ** 31;
    case "Float":
      return (value) => typeof value === "number" && Number.isFinite(value);
    case "Boolean":
      return (value) => typeof value === "boolean";
    default:
      return () => false;
  }
}

const asBadInput = (error: GraphQLError) =>
  new GraphQLError(error.message, { nodes: error.nodes ?? null, extensions: { code: "BAD_USER_INPUT" } });

/** How the variables of each operation are coerced; the document holds it. */
export function createCoercions({ apiSchema }: LoadedSupergraph): (operation: Plannable) => Coerce {
  const known = new WeakMap<Plannable["definition"], Coerce>();
  return ({ definition }) => {
    const there = known.get(definition);
    if (there) return there;
    const coerce = compileCoercion(apiSchema, definition);
    known.set(definition, coerce);
    return coerce;
  };
}
