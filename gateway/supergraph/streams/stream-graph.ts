import {
  Kind,
  OperationTypeNode,
  parseConstValue,
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  type TypeDefinitionNode,
} from "graphql";
import { argumentsOf, namesOfDirective } from "../../../lib/linked-features.ts";
import type { MessageShape } from "./message-shape.ts";
import { namedTypeOf, type TypeIndex } from "./type-index.ts";

/** A stream as a graph of the supergraph: planners find in it what its messages hold, and fetch the rest elsewhere. */
export interface StreamGraph {
  /** What plans call it. */
  subgraph: string;
  /** The root type and field that it gives, and no other graph does. */
  root: string;
  field: FieldDefinitionNode;
  shape: MessageShape;
}

/** The types that a stream knows, each with its fields: those in messages, and what the arguments of its field need. */
export function typesOfStream(
  { root, field, shape }: StreamGraph,
  types: TypeIndex,
): Map<string, Set<string>> {
  const known = new Map<string, Set<string>>([[root, new Set([field.name.value])]]);
  const leaf = (name: string): void => {
    const node = types.get(name);
    if (!node || known.has(name)) return;
    known.set(name, new Set());
    if (node.kind !== Kind.INPUT_OBJECT_TYPE_DEFINITION) return;
    known.set(name, new Set(node.fields?.map((each) => each.name.value)));
    for (const each of node.fields ?? []) leaf(namedTypeOf(each.type));
  };
  for (const [name, fields] of shape.fields) known.set(name, new Set(fields));
  for (const [name, fields] of shape.fields) {
    const node = types.composite(name);
    for (const each of node && "fields" in node ? (node.fields ?? []) : [])
      if (fields.has(each.name.value)) leaf(namedTypeOf(each.type));
  }
  for (const argument of field.arguments ?? []) leaf(namedTypeOf(argument.type));
  return known;
}

/** The supergraph with a graph for each stream. What one of them gives, no subgraph is asked for. */
export function withStreamGraphs(
  supergraph: DocumentNode,
  streams: readonly StreamGraph[],
  types: TypeIndex,
): DocumentNode {
  const join = joinNames(supergraph);
  const graphs = streams.map((stream, index) => ({
    ...stream,
    graph: `EVENT_STREAM_${index}_`,
    known: typesOfStream(stream, types),
  }));
  const definitions = supergraph.definitions.map((node) => {
    if (node.kind === Kind.ENUM_TYPE_DEFINITION && node.values?.some((value) => has(value, join.graph)))
      return {
        ...node,
        values: [...(node.values ?? []), ...graphs.map((each) => graphValue(each, join.graph))],
      };
    if (!isType(node)) return node;
    const inside = graphs.filter(({ known }) => known.has(node.name.value));
    // Every graph has a query, if only to ask it for entities.
    if (node.name.value === queryNameOf(supergraph)) return joined(node, graphs, join);
    return inside.length > 0 ? joined(node, inside, join) : node;
  });
  return { ...supergraph, definitions };
}

type Graph = StreamGraph & { graph: string; known: Map<string, Set<string>> };

interface JoinNames {
  graph: string;
  type: string;
  field: string;
  implements: string;
  unionMember: string;
  enumValue: string;
}

function joinNames(supergraph: DocumentNode): JoinNames {
  const nameOf = (directive: string) =>
    [...namesOfDirective(supergraph, "join", directive)][0] ?? `join__${directive}`;
  return {
    graph: nameOf("graph"),
    type: nameOf("type"),
    field: nameOf("field"),
    implements: nameOf("implements"),
    unionMember: nameOf("unionMember"),
    enumValue: nameOf("enumValue"),
  };
}

/** A type as some streams know it, too. */
function joined(node: TypeDefinitionNode, graphs: readonly Graph[], join: JoinNames): TypeDefinitionNode {
  const name = node.name.value;
  const before = (node.directives ?? []).filter((each) => each.name.value === join.type);
  const own = [...new Set(before.map((each) => String(argumentsOf(each)["graph"])))];
  const directives = [
    ...(node.directives ?? []),
    ...graphs.map(({ graph }) => applied(join.type, { graph })),
  ];
  const fieldIn = <T extends FieldDefinitionNode | InputValueDefinitionNode>(field: T): T =>
    joinedField(field, { name, own, graphs, join });
  if (node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.INTERFACE_TYPE_DEFINITION) {
    const above = (node.interfaces ?? []).map((each) => each.name.value);
    const implementing = graphs.flatMap(({ graph, known }) =>
      above
        .filter((each) => known.has(each))
        .map((each) => applied(join.implements, { graph, interface: `"${each}"` })),
    );
    return {
      ...node,
      directives: [...directives, ...implementing],
      fields: (node.fields ?? []).map(fieldIn),
    };
  }
  if (node.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION)
    return { ...node, directives, fields: (node.fields ?? []).map(fieldIn) };
  if (node.kind === Kind.UNION_TYPE_DEFINITION) {
    const members = graphs.flatMap(({ graph }) =>
      (node.types ?? []).map((each) => applied(join.unionMember, { graph, member: `"${each.name.value}"` })),
    );
    return { ...node, directives: [...directives, ...members] };
  }
  if (node.kind !== Kind.ENUM_TYPE_DEFINITION) return { ...node, directives };
  const values = (node.values ?? []).map((value) => ({
    ...value,
    directives: [
      ...(value.directives ?? []),
      ...graphs.map(({ graph }) => applied(join.enumValue, { graph })),
    ],
  }));
  return { ...node, directives, values };
}

/** A field without a join is in all graphs that have its type, so those that had it are named before one comes to them. */
function joinedField<T extends FieldDefinitionNode | InputValueDefinitionNode>(
  field: T,
  {
    name,
    own,
    graphs,
    join,
  }: { name: string; own: readonly string[]; graphs: readonly Graph[]; join: JoinNames },
): T {
  const all = field.directives ?? [];
  const isOf = ({ root, field: given }: Graph) => root === name && given.name.value === field.name.value;
  const stream = graphs.find(isOf);
  const others = all.filter((each) => each.name.value !== join.field);
  if (stream) return { ...field, directives: [...others, applied(join.field, { graph: stream.graph })] };
  const known = all.filter((each) => each.name.value === join.field);
  const explicit = known.length > 0 ? known : own.map((graph) => applied(join.field, { graph }));
  const added = graphs.filter(({ known: types }) => types.get(name)?.has(field.name.value) === true);
  const joins = [...explicit, ...added.map(({ graph }) => applied(join.field, { graph }))];
  return { ...field, directives: [...others, ...joins] };
}

const graphValue = ({ graph, subgraph }: Graph, directive: string) => ({
  kind: Kind.ENUM_VALUE_DEFINITION as const,
  name: { kind: Kind.NAME as const, value: graph },
  directives: [
    applied(directive, { name: JSON.stringify(subgraph), url: JSON.stringify(`broker:${subgraph}`) }),
  ],
});

const applied = (name: string, given: Readonly<Record<string, string>>): ConstDirectiveNode => ({
  kind: Kind.DIRECTIVE,
  name: { kind: Kind.NAME, value: name },
  arguments: Object.entries(given).map(([argument, text]) => ({
    kind: Kind.ARGUMENT,
    name: { kind: Kind.NAME, value: argument },
    value: parseConstValue(text, { noLocation: true }),
  })),
});

const has = (
  { directives = [] }: { directives?: readonly ConstDirectiveNode[] | undefined },
  name: string,
): boolean => directives.some((each) => each.name.value === name);

const isType = (node: DocumentNode["definitions"][number]): node is TypeDefinitionNode =>
  node.kind.endsWith("TypeDefinition");

function queryNameOf(supergraph: DocumentNode): string {
  const schema = supergraph.definitions.find((node) => node.kind === Kind.SCHEMA_DEFINITION);
  return (
    schema?.operationTypes.find(({ operation }) => operation === OperationTypeNode.QUERY)?.type.name.value ??
    "Query"
  );
}
