import {
  buildASTSchema,
  GraphQLError,
  isObjectType,
  Kind,
  type ConstDirectiveNode,
  type DefinitionNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type GraphQLSchema,
  type ObjectTypeDefinitionNode,
  type SelectionSetNode,
  type TypeDefinitionNode,
} from "graphql";
import { messageOf } from "../../../lib/errors.ts";
import { argumentsOf, linkedFeatures } from "../../../lib/linked-features.ts";
import { readMessage, type MessageShape } from "./message-shape.ts";
import { typesOfStream, withStreamGraphs, type StreamGraph } from "./stream-graph.ts";
import { parseTopic, type Placeholder, type TopicTemplate } from "./topic-template.ts";
import { namedTypeOf, TypeIndex } from "./type-index.ts";

/** The specification of `@eventStream`, linked by whoever declares a stream. */
export const EVENT_STREAM_SPEC = "https://lifecycle-gateway.dev/eventStream";

/** A field of `Subscription` that a broker feeds. */
export interface EventStream {
  field: string;
  /** What plans call it, as if it were a subgraph. */
  subgraph: string;
  /** The subgraph that streams the field itself where there is no broker, and knows what it refuses. */
  owner: string | undefined;
  topic: TopicTemplate;
  /** Its messages differ by who asks, and not only by what they may. */
  isPersonal: boolean;
  /** What a message holds: `Query.message` is of the type of the field, and `Subscription` has the field alone. */
  schema: GraphQLSchema;
  message: SelectionSetNode;
}

/** What of a supergraph's joins says where the rest of an object can be found. */
interface Sources {
  subgraphs: readonly { name: string }[];
  keysOf: (subgraph: string, type: string) => readonly (readonly string[])[];
  fieldOf: (subgraph: string, type: string, field: string) => FieldDefinitionNode | undefined;
}

interface StreamOptions {
  hasBroker: boolean;
  /** What clients see. */
  visible: GraphQLSchema;
  joins: Sources;
}

/** A supergraph whose streams are graphs. */
export interface StreamedSupergraph {
  document: DocumentNode;
  /** By field. */
  streams: ReadonlyMap<string, EventStream>;
}

/**
 * Reads the fields with `@eventStream`, and makes each stream a graph that knows what its messages hold.
 *
 * @throws GraphQLError naming everything that cannot work by its coordinate, and what to do
 */
export function readEventStreams(
  supergraph: DocumentNode,
  { hasBroker, visible, joins }: StreamOptions,
): StreamedSupergraph {
  const feature = linkedFeatures(supergraph).find(({ identity }) => identity === EVENT_STREAM_SPEC);
  const directive = feature?.directive("eventStream");
  const types = new TypeIndex(supergraph);
  const root = visible.getSubscriptionType()?.name ?? "Subscription";
  const declared = directive === undefined ? [] : declarations(supergraph, directive);
  if (declared.length === 0) return { document: supergraph, streams: new Map() };
  const problems: string[] = [];
  const read = declared.flatMap(({ type, field, given }) => {
    const coordinate = `${type}.${field.name.value}`;
    try {
      if (type !== root) throw new Error(`is no field of ${root}; only those can be fed by a broker`);
      if (!hasBroker && given["orSubgraph"] === true) return [];
      return [readStream(field, given, { root, types, joins, visible, hasBroker })];
    } catch (error) {
      problems.push(`@eventStream at ${coordinate} ${messageOf(error)}`);
      return [];
    }
  });
  if (problems.length > 0)
    throw new GraphQLError(`The supergraph has event streams that cannot work:\n${problems.join("\n")}`);
  const document = read.length === 0 ? supergraph : withStreamGraphs(supergraph, read, types);
  const streams = read.map((stream) => [stream.field.name.value, streamOf(stream, types)] as const);
  return { document, streams: new Map(streams) };
}

interface Declaration {
  type: string;
  field: FieldDefinitionNode;
  given: Record<string, unknown>;
}

function declarations(supergraph: DocumentNode, directive: string): Declaration[] {
  const isApplied = ({ name }: ConstDirectiveNode) => name.value === directive;
  return supergraph.definitions.flatMap((node) => {
    if (node.kind !== Kind.OBJECT_TYPE_DEFINITION && node.kind !== Kind.INTERFACE_TYPE_DEFINITION) return [];
    return (node.fields ?? []).flatMap((field) => {
      const applied = field.directives?.find(isApplied);
      return applied ? [{ type: node.name.value, field, given: argumentsOf(applied) }] : [];
    });
  });
}

interface Context extends StreamOptions {
  root: string;
  types: TypeIndex;
}

type ReadStream = StreamGraph & Pick<EventStream, "topic" | "owner">;

function readStream(
  field: FieldDefinitionNode,
  given: Record<string, unknown>,
  context: Context,
): ReadStream {
  const { message, topics, broker, orSubgraph } = given;
  const { types, root, joins } = context;
  const name = field.name.value;
  if (!context.hasBroker)
    throw new Error(
      "has no broker: set EVENT_BROKER_URL, or say orSubgraph: true where the subgraph streams the field itself",
    );
  if (broker !== undefined && broker !== "default")
    throw new Error(
      `asks for the broker ${JSON.stringify(broker)}; there is one, EVENT_BROKER_URL: leave \`broker\` out`,
    );
  const shape = readMessage(String(message), namedTypeOf(field.type), types);
  const [topic, ...more] = (topics ?? []) as unknown[];
  if (typeof topic !== "string" || more.length > 0)
    throw new Error(
      `has ${more.length === 0 ? "no topic" : "several topics, which have no order between them"}; expected topics: ["…"] with one`,
    );
  const template = readTopic(topic, field, types);
  refuseUnreachable(shape, context);
  const owner =
    orSubgraph === true
      ? joins.subgraphs.find((subgraph) => joins.fieldOf(subgraph.name, root, name) !== undefined)?.name
      : undefined;
  return { subgraph: `events of ${name}`, root, field, shape, topic: template, owner };
}

function readTopic(text: string, field: FieldDefinitionNode, types: TypeIndex): TopicTemplate {
  try {
    const template = parseTopic(text);
    for (const part of template)
      if (typeof part !== "string" && part.from === "args") refuseUnknown(part, field, types);
    return template;
  } catch (error) {
    throw new Error(`has the topic ${JSON.stringify(text)}, which ${messageOf(error)}`, { cause: error });
  }
}

/** A placeholder has to lead to one value of an argument. */
function refuseUnknown(
  { path }: Placeholder & { from: "args" },
  field: FieldDefinitionNode,
  types: TypeIndex,
): void {
  let inputs = field.arguments ?? [];
  for (const [index, name] of path.entries()) {
    const argument = inputs.find((each) => each.name.value === name);
    if (!argument) {
      const known = inputs.map((each) => each.name.value).join(", ");
      throw new Error(
        `names {$args.${path.join(".")}}: there is no ${name}; expected one of: ${known || "none, for there are no arguments"}`,
      );
    }
    const inner = argument.type.kind === Kind.NON_NULL_TYPE ? argument.type.type : argument.type;
    const node = types.get(namedTypeOf(inner));
    const isInput = node?.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION;
    const isLast = index === path.length - 1;
    if (inner.kind === Kind.LIST_TYPE || isInput === isLast)
      throw new Error(
        `names {$args.${path.join(".")}}, which is not one value; expected an argument, or a field of one, that is no list and no object`,
      );
    inputs = isInput ? (node.fields ?? []) : [];
  }
}

/** What clients may select and the message does not hold has to be found by a key that it holds. */
function refuseUnreachable({ fields }: MessageShape, { visible, joins, types }: Context): void {
  for (const [type, held] of fields) {
    const shown = visible.getType(type);
    if (!isObjectType(shown)) continue;
    const node = types.composite(type);
    const all = node && "fields" in node ? (node.fields ?? []).map(({ name }) => name.value) : [];
    const known = reachable({ type, all }, new Set(held), joins);
    const missing = Object.keys(shown.getFields()).filter((name) => !known.has(name));
    if (missing.length === 0) continue;
    const keys = joins.subgraphs.flatMap(({ name }) => joins.keysOf(name, type)).map((key) => key.join(" "));
    const todo =
      keys.length > 0
        ? `put a key of ${type} into it (${[...new Set(keys)].join("; ")})`
        : `put them into it, or give ${type} a @key and put that into it: without one nobody can be asked for them`;
    throw new Error(`has a message without ${missing.map((name) => `${type}.${name}`).join(", ")}; ${todo}`);
  }
}

/** What can be known of an object of which some fields are: by each key that is known a subgraph tells more. */
function reachable(
  { type, all }: { type: string; all: readonly string[] },
  known: Set<string>,
  { subgraphs, keysOf, fieldOf }: Sources,
): ReadonlySet<string> {
  const open = new Set(subgraphs.map(({ name }) => name));
  for (let found = true; found;) {
    found = false;
    for (const name of open) {
      if (!keysOf(name, type).some((key) => key.every((each) => known.has(each)))) continue;
      for (const field of all) if (fieldOf(name, type, field)) known.add(field);
      open.delete(name);
      found = true;
    }
  }
  return known;
}

function streamOf(stream: ReadStream, types: TypeIndex): EventStream {
  const { field, subgraph, owner, topic, root, shape } = stream;
  return {
    field: field.name.value,
    subgraph,
    owner,
    topic,
    isPersonal: topic.some(
      (part) => typeof part !== "string" && part.from === "claims" && part.claim === "subject",
    ),
    schema: schemaOf(stream, typesOfStream(stream, types), { types, root }),
    message: shape.selection,
  };
}

/** A schema of what a stream knows. */
function schemaOf(
  { field }: ReadStream,
  known: ReadonlyMap<string, ReadonlySet<string>>,
  { types, root }: { types: TypeIndex; root: string },
): GraphQLSchema {
  const definitions: DefinitionNode[] = [...known].flatMap(([name, fields]) => {
    const node = types.get(name);
    return node ? [onlyWith(node, fields, known)] : [];
  });
  const name = (value: string) => ({ kind: Kind.NAME as const, value });
  const query: ObjectTypeDefinitionNode = {
    kind: Kind.OBJECT_TYPE_DEFINITION,
    name: name("EventMessage"),
    fields: [{ kind: Kind.FIELD_DEFINITION, name: name("message"), type: field.type }],
  };
  const named = (value: string) => ({ kind: Kind.NAMED_TYPE as const, name: name(value) });
  const operation = (value: string, type: string) => ({
    kind: Kind.OPERATION_TYPE_DEFINITION as const,
    operation: value as never,
    type: named(type),
  });
  definitions.push(query, {
    kind: Kind.SCHEMA_DEFINITION,
    operationTypes: [operation("query", "EventMessage"), operation("subscription", root)],
  });
  return buildASTSchema({ kind: Kind.DOCUMENT, definitions }, { assumeValid: true, assumeValidSDL: true });
}

/** A type with the fields that are known, and nothing that says how it is joined. */
function onlyWith(
  node: TypeDefinitionNode,
  fields: ReadonlySet<string>,
  known: ReadonlyMap<string, unknown>,
): TypeDefinitionNode {
  const bare = { ...node, directives: [] };
  if (bare.kind === Kind.OBJECT_TYPE_DEFINITION || bare.kind === Kind.INTERFACE_TYPE_DEFINITION)
    return {
      ...bare,
      interfaces: (bare.interfaces ?? []).filter((each) => known.has(each.name.value)),
      fields: (bare.fields ?? []).filter((each) => fields.has(each.name.value)),
    };
  return bare;
}
