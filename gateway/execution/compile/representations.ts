import type { QueryPlanInlineFragmentNode, QueryPlanSelectionNode } from "@apollo/query-planner";
import { isAbstractType, isInterfaceType, isObjectType, type GraphQLSchema } from "graphql";
import { isJsonObject, type JsonObject } from "./json-object.ts";
import { stringText } from "./json-text.ts";
import { NotCompilable } from "./not-compilable.ts";

/**
 * What to send of an entity so that a subgraph recognises it, as JSON text; null when the entity lacks
 * something of it or is none of the wanted types.
 */
export type Represent = (entity: JsonObject) => string | null;

/** A representation that may still be changed before it is sent. */
export type RepresentAsObject = (entity: JsonObject) => JsonObject | null;

/** The general way: an object, built the way that Apollo's executor does. */
export function representAsObject(
  schema: GraphQLSchema,
  requires: readonly QueryPlanSelectionNode[],
): RepresentAsObject {
  return (entity) => {
    const representation = select(schema, entity, requires);
    return isJsonObject(representation) && representation["__typename"] ? representation : null;
  };
}

/** Text directly, where each type has at most one list of fields to send. */
export function compileRepresentation(
  schema: GraphQLSchema,
  requires: readonly QueryPlanSelectionNode[],
): Represent {
  const byType = fieldsByType(schema, requires);
  if (!byType) {
    const asObject = representAsObject(schema, requires);
    return (entity) => {
      const representation = asObject(entity);
      return representation && JSON.stringify(representation);
    };
  }
  const writers = new Map([...byType].map(([type, fields]) => [type, compileFields(schema, fields)]));
  return (entity) => writers.get(entity["__typename"] as string)?.(entity) ?? null;
}

/** The fields to send by object type; undefined when fragments could overlap. */
function fieldsByType(schema: GraphQLSchema, requires: readonly QueryPlanSelectionNode[]) {
  const byType = new Map<string, QueryPlanInlineFragmentNode["selections"]>();
  for (const node of requires) {
    const type = node.kind === "InlineFragment" ? node.typeCondition : undefined;
    if (node.kind !== "InlineFragment" || type === undefined || byType.has(type)) return undefined;
    const sendsTypename = node.selections.some(
      (field) => field.kind === "Field" && field.name === "__typename",
    );
    if (!sendsTypename || !isObjectType(schema.getType(type))) return undefined;
    if (node.selections.some(({ kind }) => kind !== "Field")) return undefined;
    byType.set(type, node.selections);
  }
  return byType;
}

function compileFields(schema: GraphQLSchema, fields: QueryPlanInlineFragmentNode["selections"]): Represent {
  const parts = fields.flatMap((field, index) => {
    if (field.kind !== "Field") return [];
    const key = field.alias ?? field.name;
    if (key in {}) throw new NotCompilable(`the key field ${key}`);
    return [{ key, prefix: `${index === 0 ? "" : ","}${JSON.stringify(key)}:`, nested: field.selections }];
  });
  return (entity) => {
    let text = "{";
    for (const { key, prefix, nested } of parts) {
      const value = entity[key];
      if (value === undefined) return null;
      if (typeof value === "string" && !nested) text += prefix + stringText(value);
      else text += prefix + JSON.stringify(nested ? selectEach(schema, value, nested) : value);
    }
    return `${text}}`;
  };
}

/** The fields of a value, or null when one is missing; the order is that of the selections. */
function select(
  schema: GraphQLSchema,
  source: unknown,
  selections: readonly QueryPlanSelectionNode[],
): JsonObject | null {
  if (!isJsonObject(source)) return null;
  const result: JsonObject = {};
  for (const node of selections) {
    if (node.kind === "Field") {
      const key = node.alias ?? node.name;
      if (source[key] === undefined) return null;
      result[key] = node.selections ? selectEach(schema, source[key], node.selections) : source[key];
    } else if (node.typeCondition !== undefined && isOfType(schema, source, node.typeCondition)) {
      Object.assign(result, select(schema, source, node.selections));
    }
  }
  return result;
}

const selectEach = (schema: GraphQLSchema, value: unknown, selections: readonly QueryPlanSelectionNode[]) =>
  Array.isArray(value)
    ? value.map((element) => select(schema, element, selections))
    : select(schema, value, selections);

function isOfType(schema: GraphQLSchema, value: JsonObject, condition: string): boolean {
  const name = value["__typename"];
  if (typeof name !== "string") return false;
  if (name === condition) return true;
  const [type, wanted] = [schema.getType(name), schema.getType(condition)];
  const isConcrete = isObjectType(type) || isInterfaceType(type);
  return isConcrete && isAbstractType(wanted) && schema.isSubType(wanted, type);
}
