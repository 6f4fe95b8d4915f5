import {
  Kind,
  parse,
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type SelectionSetNode,
} from "graphql";
import type { OverrideLabel } from "./overrides.ts";
import { argumentsOf, namesOfDirective } from "../../lib/linked-features.ts";

/** Whether an object or interface type is also of another type. */
export type IsOfType = (type: unknown, other: string) => boolean;

/**
 * Names of fields that a planner may ask for by itself: keys, and what fields require or provide. Plain are those that it
 * never gives arguments.
 */
export type ReservedNames = ReadonlyMap<string, { isPlain: boolean }>;

/** What a supergraph says of its joins, as far as executing needs it. */
export interface Joins {
  /** A field of a type, where a subgraph has it itself; undefined for what it has by reference, or not at all. */
  fieldOf: (subgraph: string, type: string, field: string) => FieldDefinitionNode | undefined;
  /** Subgraphs by their names, with their addresses. */
  subgraphs: readonly { name: string; url: string }[];
  isOfType: IsOfType;
  /** The keys by which a subgraph finds a type, each as the names of its fields; those below them are left out. */
  keysOf: (subgraph: string, type: string) => readonly (readonly string[])[];
  /** What a field of a type requires in a subgraph, as the names of the fields; those below them are left out. */
  requiredBy: (subgraph: string, type: string, field: string) => readonly string[];
  reservedNames: ReservedNames;
  /** Names of fields with arguments from `@fromContext`. */
  contextFields: ReadonlySet<string>;
  /** The labels of `@override`, with the percentage where one is meant. */
  overrides: readonly OverrideLabel[];
}

export function joinsIn(supergraph: DocumentNode): Joins {
  const joinType = namesOfDirective(supergraph, "join", "type");
  const joinField = namesOfDirective(supergraph, "join", "field");
  const reservedNames = new Map([["__typename", { isPlain: true }]]);
  const reserve = (...selections: unknown[]) => {
    for (const selection of selections)
      if (typeof selection === "string")
        for (const [, name = "", given] of selection.matchAll(/([A-Za-z_]\w*)\s*(\()?/g)) {
          const isPlain = given === undefined && reservedNames.get(name)?.isPlain !== false;
          reservedNames.set(name, { isPlain });
        }
  };
  const keys = new Map<string, string[][]>();
  const names = new Map(
    graphValues(supergraph).map(({ value, graph }) => [value.name.value, String(argumentsOf(graph)["name"])]),
  );
  const nameOf = (graph: unknown) => names.get(String(graph)) ?? "";
  const contextFields = new Set<string>();
  const labels = new Set<string>();
  const required = new Map<string, string>();
  const look = (type: string, field: FieldDefinitionNode) => {
    for (const join of directives(field, joinField)) {
      const { graph, requires, provides, overrideLabel, contextArguments } = argumentsOf(join);
      reserve(requires, provides);
      if (typeof requires === "string")
        required.set(`${nameOf(graph)} ${type}.${field.name.value}`, requires);
      if (typeof overrideLabel === "string") labels.add(overrideLabel);
      if (!Array.isArray(contextArguments) || contextArguments.length === 0) continue;
      contextFields.add(field.name.value);
      for (const { selection } of contextArguments as { selection: unknown }[]) reserve(selection);
    }
  };
  for (const type of supergraph.definitions) {
    if (!("fields" in type) || type.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION) continue;
    for (const join of directives(type, joinType)) {
      const { graph, key, resolvable, isInterfaceObject } = argumentsOf(join);
      reserve(key);
      // Such fields are asked for of objects of all types, whatever the client calls something else in those of one.
      if (isInterfaceObject === true) for (const { name } of type.fields ?? []) reserve(name.value);
      if (typeof key !== "string" || resolvable === false) continue;
      const at = `${nameOf(graph)} ${type.name.value}`;
      keys.set(at, [...(keys.get(at) ?? []), topNames(key)]);
    }
    for (const field of (type.fields ?? []) as readonly FieldDefinitionNode[]) look(type.name.value, field);
  }
  const overrides = [...labels].toSorted().map((label) => ({ label, percent: percentOf(label) }));
  const keysOf: Joins["keysOf"] = (subgraph, type) => keys.get(`${subgraph} ${type}`) ?? [];
  const requiredBy: Joins["requiredBy"] = (subgraph, type, field) =>
    topNames(required.get(`${subgraph} ${type}.${field}`) ?? "");
  return {
    fieldOf: fieldOwnership(supergraph),
    subgraphs: subgraphsIn(supergraph),
    isOfType: typeRelations(supergraph),
    keysOf,
    requiredBy,
    reservedNames,
    contextFields,
    overrides,
  };
}

const subgraphsIn = (supergraph: DocumentNode): Joins["subgraphs"] =>
  graphValues(supergraph).map(({ graph }) => {
    const { name, url } = argumentsOf(graph);
    return { name: String(name), url: typeof url === "string" ? url : "" };
  });

function graphValues(supergraph: DocumentNode) {
  const graphs = namesOfDirective(supergraph, "join", "graph");
  const values = supergraph.definitions.flatMap((node) =>
    node.kind === Kind.ENUM_TYPE_DEFINITION ? (node.values ?? []) : [],
  );
  return values.flatMap((value) => directives(value, graphs).map((graph) => ({ value, graph })));
}

/** A field without a join of its own is in all subgraphs that have its type. */
function fieldOwnership(supergraph: DocumentNode): Joins["fieldOf"] {
  const joinType = namesOfDirective(supergraph, "join", "type");
  const joinField = namesOfDirective(supergraph, "join", "field");
  const graphs = new Map(
    graphValues(supergraph).map(({ value, graph }) => [String(argumentsOf(graph)["name"]), value.name.value]),
  );
  return (subgraph, typeName, fieldName) => {
    const type = supergraph.definitions.find(
      (node) => "fields" in node && "interfaces" in node && node.name.value === typeName,
    );
    if (!type || !("interfaces" in type)) return undefined;
    const field = type.fields?.find(({ name }) => name.value === fieldName);
    const own = field ? directives(field, joinField) : [];
    const isThere = (own.length > 0 ? own : directives(type, joinType)).some((join) => {
      const { graph, external } = argumentsOf(join);
      return graph === graphs.get(subgraph) && external !== true;
    });
    return isThere ? field : undefined;
  };
}

/** The names of a selection without what is below them. */
function topNames(selection: string): string[] {
  const namesIn = ({ selections }: SelectionSetNode): string[] =>
    selections.flatMap((each) => {
      if (each.kind === Kind.FIELD) return [each.name.value];
      return each.kind === Kind.INLINE_FRAGMENT ? namesIn(each.selectionSet) : [];
    });
  if (selection.trim() === "") return [];
  const [definition] = parse(`{${selection}}`, { noLocation: true }).definitions;
  return definition?.kind === Kind.OPERATION_DEFINITION ? namesIn(definition.selectionSet) : [];
}

function typeRelations(supergraph: DocumentNode): IsOfType {
  const membersOf = new Map<string, Set<string>>();
  const add = (type: string, member: string) => {
    const members = membersOf.get(type) ?? new Set();
    membersOf.set(type, members.add(member));
  };
  for (const type of supergraph.definitions) {
    if (type.kind === Kind.UNION_TYPE_DEFINITION)
      for (const member of type.types ?? []) add(type.name.value, member.name.value);
    if (type.kind === Kind.OBJECT_TYPE_DEFINITION || type.kind === Kind.INTERFACE_TYPE_DEFINITION)
      for (const above of type.interfaces ?? []) add(above.name.value, type.name.value);
  }
  return (type, other) =>
    type === other || (typeof type === "string" && membersOf.get(other)?.has(type) === true);
}

/** The percentage that a label of `@override` stands for. */
export function percentOf(label: string): number | undefined {
  const percent = /^percent\((\d+(?:\.\d+)?)\)$/.exec(label)?.[1];
  return percent === undefined ? undefined : Number(percent);
}

const directives = (
  { directives: all = [] }: { directives?: readonly ConstDirectiveNode[] | undefined },
  names: ReadonlySet<string>,
) => all.filter(({ name }) => names.has(name.value));
