import { baseType, isObjectType, type ObjectType, type Operation } from "@apollo/federation-internals";
import { fieldsOf, type ConditionalSet, type PlannedField } from "../compile/collect-fields.ts";
import { NotCompilable } from "../compile/not-compilable.ts";

/** An object of the answer: what it is, and what the client wants of it, in the client's order. */
export interface ObjectShape {
  type: ObjectType;
  fields: readonly PlannedField[];
}

export const shapeOf = (type: ObjectType, sets: readonly ConditionalSet[]): ObjectShape => ({
  type,
  fields: fieldsOf(type, sets),
});

/** @throws NotCompilable for a type name at the root, which no subgraph is asked for */
export function rootShape(operation: Operation): ObjectShape {
  const type = operation.schema().schemaDefinition.rootType(operation.rootKind);
  if (!type) throw new NotCompilable("an operation without a root type");
  const shape = shapeOf(type, [{ set: operation.selectionSet, condition: "" }]);
  if (shape.fields.some(({ isTypename }) => isTypename)) throw new NotCompilable("a type name at the root");
  return shape;
}

/** The objects below a field, those in its lists too; undefined for leaves and abstract types. */
export function shapeBelow({ type, sets }: PlannedField): ObjectShape | undefined {
  const base = baseType(type);
  return isObjectType(base) ? shapeOf(base, sets) : undefined;
}
