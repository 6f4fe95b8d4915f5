import { Kind, parse, print, visit, type SelectionSetNode } from "graphql";
import type { LoadedSupergraph } from "../../supergraph/supergraph.ts";
import type { EntityFetch, EntityGroup, RootFetch } from "../plan.ts";
import type { Planned } from "../plan-store.ts";
import { compileRequest, type RequestWriter } from "../request.ts";
import type { SelectedField } from "../selections.ts";
import { NotSpliceable, rootShape, shapeBelow, type ObjectShape } from "./object-shape.ts";
import { escaped, fieldsPattern, leafPattern, objectPattern } from "./patterns.ts";

export interface EntityShape {
  planned: Planned;
  supergraph: LoadedSupergraph;
  /** Both in the client's order. */
  root: RootFetch;
  entity: EntityFetch;
  group: EntityGroup;
  /** Where the entities stand, `@` for the elements of a list. */
  path: readonly string[];
}

/** Some text of an entity as the client gets it: what is written before, and whose value follows. */
export interface Piece {
  prefix: string;
  /** The group of the first fetch's pattern. */
  local?: number;
  /** The group of the second fetch's pattern, and what the client gets in it. */
  remote?: number;
  fields?: SelectedField[];
}

/** An entity in the first answer, and which of those that are asked for it is. */
export interface Found {
  match: RegExpExecArray;
  nth: number;
}

export interface EntityTexts {
  /** The variable that takes the representations. */
  variable: string;
  /** How a representation begins. */
  head: string;
  requests: readonly [RequestWriter, RequestWriter];
  /** The whole first answer. */
  whole: RegExp;
  /** Each entity in it. */
  each: RegExp;
  /** An entity in the second answer. */
  received: RegExp;
  /** Who is asked for it. */
  subgraph: string;
  /** What it is an object of. */
  typeName: string;
  /** What the client wants, and where in it the entities stand, `@` for the elements of a list. */
  client: ObjectShape;
  path: readonly string[];
  /** What a representation has to hold. */
  required: readonly { prefix: string; group: number }[];
  /** Whether that is all there is of an entity in the first answer, so that its text can be sent as it is. */
  isSentAsFound: boolean;
  /** What the client gets of an entity. */
  pieces: readonly Piece[];
}

/** What is sent, what the answers have to look like, and what of them goes where. */
export function compileTexts(shape: EntityShape): EntityTexts {
  const { root: first, entity: second, group, path } = shape;
  const place = path.filter((element) => element !== "@");
  const client = rootShape(shape.supergraph.apiSchema, shape.planned.operation);
  const wanted = shapeAt(client, place);
  const { name: typeName } = wanted.type;
  if (isNamedElsewhere(typeName, client, place)) throw new NotSpliceable("type names elsewhere");
  const keys = keysOf(shape, typeName);
  const pieces = arrange(wanted, keys, remoteKeys(second));
  const remote = pieces.flatMap(({ fields }) => (fields ? [{ ...wanted, fields }] : []));
  const keyPattern = keys.map(({ key, pattern }) => `${escaped(JSON.stringify(key))}:(${pattern})`);
  const head = `{"__typename":${JSON.stringify(typeName)}`;
  const inText = String.raw`${escaped(head)},${keyPattern.join(",")}\}`;
  // A group that is not needed in the whole would only slow it down.
  const hole = { path, pattern: inText.replaceAll(/(?<!\\)\((?!\?)/g, "(?:") };
  const required = requiredKeys(group).map((name) => ({
    prefix: `,${JSON.stringify(name)}:`,
    group: keys.findIndex(({ key }) => key === name) + 1,
  }));
  if (required.some(({ group }) => group === 0)) throw new NotSpliceable("a key under another name");
  return {
    head,
    variable: group.variable,
    requests: [compileRequest(first), compileRequest(second)] as const,
    whole: new RegExp(String.raw`^\{"data":${objectPattern(client, hole)}\}$`),
    each: new RegExp(inText, "g"),
    received: new RegExp(
      String.raw`\{${remote.map((piece) => `(${fieldsPattern(piece)})`).join(",")}\}`,
      "y",
    ),
    subgraph: second.subgraph,
    typeName,
    client,
    path,
    required,
    isSentAsFound:
      required.length === keys.length && required.every(({ group }, index) => group === index + 1),
    pieces,
  };
}

/** What the client wants of the entities, which stand at a path of its operation. */
export function shapeAt(root: ObjectShape, place: readonly string[]): ObjectShape {
  let shape = root;
  for (const key of place) {
    const field = shape.fields.find((each) => each.key === key);
    const below = field && shapeBelow(field, shape.scope);
    if (!below) throw new NotSpliceable("entities outside of the operation");
    shape = below;
  }
  if (shape === root) throw new NotSpliceable("entities at the root");
  return shape;
}

/** Whether objects of a type say so elsewhere than at `place`: positions are found by the type name. */
function isNamedElsewhere(
  typeName: string,
  { type, fields, scope }: ObjectShape,
  place: readonly string[],
): boolean {
  return fields.some((field) => {
    if (field.isTypename) return type.name === typeName;
    const isOnWay = place[0] === field.key;
    const below = isOnWay && place.length === 1 ? undefined : shapeBelow(field, scope);
    return below !== undefined && isNamedElsewhere(typeName, below, isOnWay ? place.slice(1) : []);
  });
}

interface Key {
  key: string;
  pattern: string;
}

/** What the first fetch brings of an entity: its type name, then values without structure. */
function keysOf({ root, path, supergraph }: EntityShape, typeName: string): Key[] {
  const document = parse(root.operation, { noLocation: true });
  let fragments = 0;
  visit(document, {
    InlineFragment: () => void fragments++,
    FragmentSpread: () => void fragments++,
  });
  if (fragments > 0) throw new NotSpliceable("fragments in spliced text");
  const [operation] = document.definitions;
  let selections = operation?.kind === Kind.OPERATION_DEFINITION ? operation.selectionSet : undefined;
  for (const element of path) if (element !== "@") selections = selectionOf(selections, element);
  const [first, ...keys] = fieldNames(selections);
  if (first?.name !== "__typename" || keys.length === 0)
    throw new NotSpliceable("an entity without its type name");
  return keys.map(({ key, name }) => {
    const type = supergraph.fieldOf(root.subgraph, typeName, name)?.type;
    const written = type ? print(type) : "";
    // Values of an enum may be hidden from clients, so a pattern of the whole supergraph does not do.
    const leaf = /^(ID|String|Int|Boolean)(!?)$/.exec(written);
    if (!leaf?.[1]) throw new NotSpliceable("a key with structure");
    const pattern = leafPattern(leaf[1]);
    return { key, pattern: leaf[2] ? pattern : `null|${pattern}` };
  });
}

const selectionOf = (set: SelectionSetNode | undefined, key: string) =>
  set?.selections
    .filter((node) => node.kind === Kind.FIELD)
    .find(({ alias, name }) => (alias ?? name).value === key)?.selectionSet;

const fieldNames = (set: SelectionSetNode | undefined) =>
  (set?.selections ?? []).flatMap((node) =>
    node.kind === Kind.FIELD ? [{ key: (node.alias ?? node.name).value, name: node.name.value }] : [],
  );

/** The response names that the second fetch brings. */
function remoteKeys({ operation }: EntityFetch): string[] {
  const [definition] = parse(operation, { noLocation: true }).definitions;
  const entities = definition?.kind === Kind.OPERATION_DEFINITION ? definition.selectionSet : undefined;
  const inside = selectionOf(entities, "_entities")?.selections ?? [];
  const [fragment] = inside;
  if (inside.length !== 1 || fragment?.kind !== Kind.INLINE_FRAGMENT)
    throw new NotSpliceable("entities of several types");
  return fieldNames(fragment.selectionSet).map(({ key }) => key);
}

function requiredKeys({ requires }: EntityGroup): string[] {
  const [fragment, ...others] = requires;
  if (fragment?.kind !== "fragment" || others.length > 0) throw new NotSpliceable("several representations");
  const names = fragment.selections.map((field) =>
    field.kind === "field" && !field.selections && field.key === field.sentAs ? field.key : undefined,
  );
  if (names.includes(undefined) || names[0] !== "__typename")
    throw new NotSpliceable("a structured representation");
  return names.slice(1) as string[];
}

/** The client's fields of an entity: those of the first fetch one by one, those of the second as far as they adjoin. */
function arrange(
  { type, fields }: ObjectShape,
  keys: readonly Key[],
  remoteNames: readonly string[],
): Piece[] {
  const isRemote = ({ key }: SelectedField) => remoteNames.includes(key);
  if (String(fields.filter(isRemote).map(({ key }) => key)) !== String(remoteNames))
    throw new NotSpliceable("fields of an entity in another order");
  const pieces: Piece[] = [];
  let remote = 0;
  for (const field of fields) {
    if (!isRemote(field)) pieces.push(localPiece(field, type.name, keys));
    else if (pieces.at(-1)?.fields) pieces.at(-1)?.fields?.push(field);
    else pieces.push({ prefix: "", remote: ++remote, fields: [field] });
  }
  return pieces;
}

function localPiece({ key, isTypename }: SelectedField, typeName: string, keys: readonly Key[]): Piece {
  const prefix = `${JSON.stringify(key)}:`;
  if (isTypename) return { prefix: `${prefix}${JSON.stringify(typeName)}` };
  const local = keys.findIndex((each) => each.key === key) + 1;
  if (local === 0) throw new NotSpliceable("a local field that is not a key");
  return { prefix, local };
}

/** What the client gets of an entity. */
export function entityText(
  pieces: readonly Piece[],
  first: RegExpExecArray,
  second: RegExpExecArray | null | undefined,
): string {
  let text = "";
  let separator = "{";
  for (const piece of pieces) {
    text += separator + (piece.remote === undefined ? localText(piece, first) : second?.[piece.remote]);
    separator = ",";
  }
  return `${text}}`;
}

/** What the first fetch brings of an entity, or what is always the same. */
export const localText = ({ prefix, local }: Piece, first: RegExpExecArray): string =>
  local === undefined ? prefix : prefix + (first[local] ?? "");
