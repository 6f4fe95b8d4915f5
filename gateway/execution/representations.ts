import type { IsOfType, Joins } from "../supergraph/joins.ts";
import { isJsonObject, jsonText, type JsonObject } from "./json.ts";
import type { RequiredSelection, Rewrite } from "./plan.ts";
import { applyRewrites } from "./rewrites.ts";

/**
 * What to send of an entity so that a subgraph recognises it, as JSON text. Undefined when something of it is missing;
 * null when the entity is none of those that are asked for.
 */
type Represent = (entity: JsonObject) => string | null | undefined;

export interface Representation {
  represent: Represent;
  /** The names of the fields that make a representation of an object of a type, where they are all leaves. */
  leavesOf: (type: unknown) => readonly string[] | undefined;
}

export interface RepresentationShape {
  requires: readonly RequiredSelection[];
  inputRewrites: readonly Rewrite[];
  subgraph: string;
  joins: Pick<Joins, "isOfType" | "keysOf">;
}

export function compileRepresentation({
  requires,
  inputRewrites,
  subgraph,
  joins: { isOfType, keysOf },
}: RepresentationShape): Representation {
  const types = requires.flatMap((node) => (node.kind === "fragment" ? [node.type] : []));
  const compose: Represent = (entity) => {
    const type = entity["__typename"];
    if (!types.some((wanted) => isOfType(type, wanted))) return null;
    const representation: JsonObject = {};
    collect(entity, requires, { isOfType, into: representation });
    applyRewrites(inputRewrites, representation, isOfType);
    const sentAs = representation["__typename"];
    if (typeof sentAs !== "string") return undefined;
    const isKnown = keysOf(subgraph, sentAs).some((key) => key.every((name) => name in representation));
    return isKnown ? jsonText(representation) : undefined;
  };
  if (inputRewrites.length > 0) return { represent: compose, leavesOf: () => undefined };
  const whole = new Map(
    [...(fieldsByType(requires, isOfType) ?? [])].filter(([type, fields]) => {
      const names = new Set(fields.map(({ sentAs }) => sentAs));
      return keysOf(subgraph, type).some((key) => key.every((name) => names.has(name)));
    }),
  );
  const writers = new Map<unknown, Represent>(
    [...whole].map(([type, fields]) => [type, compileFields(fields, isOfType)]),
  );
  const leaves = new Map<unknown, readonly string[] | undefined>(
    [...whole].map(([type, fields]) => [type, leavesIn(fields)]),
  );
  return {
    // What is whole is nearly always all there is, and written at once.
    represent: (entity) => writers.get(entity["__typename"])?.(entity) ?? compose(entity),
    leavesOf: (type) => leaves.get(type),
  };
}

type RequiredField = RequiredSelection & { kind: "field" };

/** The fields to send by object type; undefined when fragments overlap. */
function fieldsByType(requires: readonly RequiredSelection[], isOfType: IsOfType) {
  const byType = new Map<string, RequiredField[]>();
  for (const node of requires) {
    if (node.kind !== "fragment") return undefined;
    const { type } = node;
    for (const other of byType.keys()) if (isOfType(type, other) || isOfType(other, type)) return undefined;
    const fields = node.selections.filter((each) => each.kind === "field");
    const isFlat = fields.length === node.selections.length;
    if (!isFlat || !fields.some(({ sentAs }) => sentAs === "__typename")) return undefined;
    byType.set(type, fields);
  }
  return byType;
}

const leavesIn = (fields: readonly RequiredField[]): readonly string[] | undefined =>
  fields.some(({ selections }) => selections) ? undefined : fields.map(({ key }) => key);

function compileFields(fields: readonly RequiredField[], isOfType: IsOfType): Represent {
  const parts = fields.map((field, index) => ({
    ...field,
    prefix: `${index === 0 ? "{" : ","}${JSON.stringify(field.sentAs)}:`,
  }));
  return (entity) => {
    let text = "";
    for (const { key, prefix, selections } of parts) {
      const value = entity[key];
      if (value === undefined) return undefined;
      text += prefix + jsonText(selections ? selectEach(value, selections, isOfType) : value);
    }
    return `${text}}`;
  };
}

/**
 * The fields that fragments for several types require of one entity. Each type gets its own from the subgraphs: what
 * another one's fragment requires may not be there.
 */
function collect(
  entity: JsonObject,
  requires: readonly RequiredSelection[],
  { isOfType, into }: { isOfType: IsOfType; into: JsonObject },
): void {
  for (const node of requires) {
    if (node.kind === "fragment") {
      if (isOfType(entity["__typename"], node.type)) collect(entity, node.selections, { isOfType, into });
      continue;
    }
    const value = entity[node.key];
    if (value !== undefined)
      into[node.sentAs] = node.selections ? selectEach(value, node.selections, isOfType) : value;
  }
}

/** The fields of a value, or null when one is missing; the order is that of the selections. */
function select(
  source: unknown,
  selections: readonly RequiredSelection[],
  isOfType: IsOfType,
): JsonObject | null {
  if (!isJsonObject(source)) return null;
  const result: JsonObject = {};
  for (const node of selections) {
    if (node.kind === "field") {
      const value = source[node.key];
      if (value === undefined) return null;
      result[node.sentAs] = node.selections ? selectEach(value, node.selections, isOfType) : value;
    } else if (isOfType(source["__typename"], node.type)) {
      const inside = select(source, node.selections, isOfType);
      if (!inside) return null;
      Object.assign(result, inside);
    }
  }
  return result;
}

const selectEach = (value: unknown, selections: readonly RequiredSelection[], isOfType: IsOfType): unknown =>
  Array.isArray(value)
    ? value.map((element) => selectEach(element, selections, isOfType))
    : select(value, selections, isOfType);
