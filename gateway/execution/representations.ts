import type { IsOfType, Joins } from "../joins.ts";
import { isJsonObject, jsonText, type JsonObject } from "./json.ts";
import type { RequiredSelection, Rewrite } from "./plan.ts";
import { applyRewrites } from "./rewrites.ts";

/**
 * What to send of an entity so that a subgraph recognises it, as JSON text. Undefined when something of it is missing;
 * null when the entity is none of those that are asked for.
 */
export type Represent = (entity: JsonObject) => string | null | undefined;

export interface Representation {
  represent: Represent;
  /** The names of the fields that make a representation of an object of a type, where they are all leaves. */
  leavesOf: (type: unknown) => readonly string[] | undefined;
}

export interface RepresentationShape {
  requires: readonly RequiredSelection[];
  inputRewrites: readonly Rewrite[];
  subgraph: string;
  joins: Pick<Joins, "isOfType" | "keysOf"> & { isDoubtful?: boolean | undefined };
}

export function compileRepresentation({
  requires,
  inputRewrites,
  subgraph,
  joins: { isOfType, keysOf, isDoubtful = false },
}: RepresentationShape): Representation {
  const byType = inputRewrites.length === 0 ? fieldsByType(requires) : undefined;
  if (byType) {
    const writers = new Map([...byType].map(([type, fields]) => [type, compileFields(fields, isOfType)]));
    const leaves = new Map([...byType].map(([type, fields]) => [type, leavesIn(fields)]));
    const represent: Represent = (entity) => {
      const write = writers.get(entity["__typename"]);
      return write ? write(entity) : null;
    };
    return { represent, leavesOf: (type) => leaves.get(type) };
  }
  const types = requires.flatMap((node) => (node.kind === "fragment" ? [node.type] : []));
  const represent: Represent = (entity) => {
    const type = entity["__typename"];
    if (!types.some((wanted) => isOfType(type, wanted))) return null;
    const representation: JsonObject = {};
    const isWhole = collect(entity, requires, { isOfType, into: representation });
    // A doubtful plan may have forgotten what is lacking.
    if (isDoubtful && !isWhole) return undefined;
    applyRewrites(inputRewrites, representation, isOfType);
    const sentAs = representation["__typename"];
    if (typeof sentAs !== "string") return undefined;
    const keys = keysOf(subgraph, sentAs);
    const isKnown = keys.length === 0 || keys.some((key) => key.every((name) => name in representation));
    return isKnown ? jsonText(representation) : undefined;
  };
  return { represent, leavesOf: () => undefined };
}

type RequiredField = RequiredSelection & { kind: "field" };

/** The fields to send by object type; undefined when fragments could overlap. */
function fieldsByType(requires: readonly RequiredSelection[]) {
  const byType = new Map<unknown, RequiredField[]>();
  for (const node of requires) {
    if (node.kind !== "fragment" || byType.has(node.type)) return undefined;
    const fields = node.selections.filter((each) => each.kind === "field");
    const isFlat = fields.length === node.selections.length;
    if (!isFlat || !fields.some(({ sentAs }) => sentAs === "__typename")) return undefined;
    byType.set(node.type, fields);
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
 * another one's fragment requires may not be there. False when something is lacking.
 */
function collect(
  entity: JsonObject,
  requires: readonly RequiredSelection[],
  { isOfType, into }: { isOfType: IsOfType; into: JsonObject },
): boolean {
  let isWhole = true;
  for (const node of requires) {
    if (node.kind === "fragment") {
      const isMeant = isOfType(entity["__typename"], node.type);
      if (isMeant && !collect(entity, node.selections, { isOfType, into })) isWhole = false;
      continue;
    }
    const value = entity[node.key];
    if (value === undefined) isWhole = false;
    else into[node.sentAs] = node.selections ? selectEach(value, node.selections, isOfType) : value;
  }
  return isWhole;
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
