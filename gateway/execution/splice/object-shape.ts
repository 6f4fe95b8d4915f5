import {
  getNamedType,
  isObjectType,
  type GraphQLObjectType,
  type GraphQLSchema,
  type SelectionSetNode,
} from "graphql";
import type { DecidedOperation } from "../decided.ts";
import { fieldsOf, type SelectedField } from "../selections.ts";

/** Thrown for shapes whose text cannot be copied. */
export class NotSpliceable extends Error {}

interface Scope {
  schema: GraphQLSchema;
  operation: DecidedOperation;
}

/** An object of the answer: what it is, and what the client wants of it, in the client's order. */
export interface ObjectShape {
  type: GraphQLObjectType;
  fields: readonly SelectedField[];
  scope: Scope;
}

/** @throws NotSpliceable for names in the data that are not the client's */
export function shapeOf(
  type: GraphQLObjectType,
  sets: readonly SelectionSetNode[],
  scope: Scope,
): ObjectShape {
  const fields = fieldsOf(type, sets, scope);
  if (fields.some(({ key, dataKey, isTypename }) => key !== dataKey && !isTypename))
    throw new NotSpliceable("a name of ours");
  if (fields.some(({ key, isTypename }) => isTypename && key !== "__typename"))
    throw new NotSpliceable("a type name under another name");
  return { type, fields, scope };
}

/** @throws NotSpliceable for a type name at the root, which no subgraph is asked for */
export function rootShape(schema: GraphQLSchema, operation: DecidedOperation): ObjectShape {
  const type = schema.getRootType(operation.definition.operation);
  if (!type) throw new NotSpliceable("an operation without a root type");
  const shape = shapeOf(type, [operation.definition.selectionSet], { schema, operation });
  if (shape.fields.some(({ isTypename, isIntrospection }) => isTypename || isIntrospection))
    throw new NotSpliceable("a type name at the root");
  return shape;
}

/** The objects below a field, those in its lists too; undefined for leaves and abstract types. */
export function shapeBelow({ type, sets }: SelectedField, scope: Scope): ObjectShape | undefined {
  const base = getNamedType(type);
  return isObjectType(base) ? shapeOf(base, sets, scope) : undefined;
}
