/**
 * A federated graph as data: what each subgraph says, and what is true beyond it. Everything follows from it, so that a
 * smaller model is a smaller graph.
 */
export interface GraphModel {
  /** Decides every value. */
  seed: number;
  subgraphs: readonly SubgraphModel[];
  /** By coordinate, like `Film.title`. */
  facts: Readonly<Record<string, Fact>>;
  /** Whether subgraphs write identifiers that are whole numbers as numbers. */
  idsAsNumbers: boolean;
  /** Whether the gateway reaches the subgraphs in text or with objects. */
  inText: boolean;
}

export interface SubgraphModel {
  name: string;
  types: readonly TypeModel[];
}

export interface TypeModel {
  kind: "type" | "interface" | "union";
  name: string;
  implements?: readonly string[];
  keys?: readonly { fields: string; isResolvable: boolean }[];
  isInterfaceObject?: boolean;
  fields: readonly FieldModel[];
  members?: readonly string[];
}

export interface FieldModel {
  name: string;
  /** As SDL. */
  type: string;
  /** As SDL, without the parentheses. */
  args?: string;
  isExternal?: boolean;
  isShareable?: boolean;
  isInaccessible?: boolean;
  requires?: string;
  provides?: string;
  /** The subgraph that this one takes the field from. */
  overrides?: string;
}

/** What is true of a field, whichever subgraph is asked. */
export interface Fact {
  /** The strictest type that any subgraph gives it, as SDL. */
  type: string;
  /** The object types that it may be when its type is abstract. */
  choices?: readonly string[];
  /** Tells the objects of its type apart. */
  isKey?: boolean;
  /** The fields that its value is made of. */
  requires?: string;
  /** Subgraphs that still have it and must not be asked for it. */
  goneFrom?: string;
}

const LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@requires", "@provides", "@external", "@shareable", "@override", "@inaccessible", "@interfaceObject"])';

/** What every subgraph knows. */
const COMMON = `
scalar Long
scalar JSON
enum Mood { CALM WILD ODD }
input Filter { least: Int = 2 texts: [String!] mood: Mood inner: Filter any: JSON }
`;

/** A subgraph as its author would write it. */
export const subgraphSdl = ({ types }: SubgraphModel): string =>
  [LINK, COMMON, ...types.map(typeSdl)].join("\n");

function typeSdl(type: TypeModel): string {
  if (type.kind === "union") return `union ${type.name} = ${type.members?.join(" | ")}`;
  const parts: string[] = [type.kind, type.name];
  if (type.implements?.length) parts.push("implements", type.implements.join(" & "));
  for (const { fields, isResolvable } of type.keys ?? [])
    parts.push(`@key(fields: "${fields}"${isResolvable ? "" : ", resolvable: false"})`);
  if (type.isInterfaceObject) parts.push("@interfaceObject");
  return `${parts.join(" ")} {\n${type.fields.map((field) => `  ${fieldSdl(field)}`).join("\n")}\n}`;
}

function fieldSdl({ name, type, args, ...field }: FieldModel): string {
  const parts = [`${name}${args ? `(${args})` : ""}: ${type}`];
  if (field.isExternal) parts.push("@external");
  if (field.isShareable) parts.push("@shareable");
  if (field.isInaccessible) parts.push("@inaccessible");
  if (field.requires) parts.push(`@requires(fields: ${JSON.stringify(field.requires)})`);
  if (field.provides) parts.push(`@provides(fields: "${field.provides}")`);
  if (field.overrides) parts.push(`@override(from: "${field.overrides}")`);
  return parts.join(" ");
}

/** The whole graph for a person to read. */
export const printGraph = (model: GraphModel): string =>
  model.subgraphs
    .map(({ name, types }) => `# subgraph ${name}\n${types.map(typeSdl).join("\n")}`)
    .join("\n\n");
