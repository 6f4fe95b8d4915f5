import type { FetchNode } from "@apollo/query-planner";
import {
  getNamedType,
  isScalarType,
  isObjectType as isGraphQLObjectType,
  Kind,
  visit,
  type SelectionSetNode,
} from "graphql";
import type { LoadedSupergraph } from "../../supergraph.ts";
import type { PlannedField } from "../compile/collect-fields.ts";
import { NotCompilable } from "../compile/not-compilable.ts";
import { compileRequest, type RequestWriter } from "../compile/request.ts";
import type { Planned } from "../plan-store.ts";
import { entitiesInClientOrder, inClientOrder } from "./client-order.ts";
import { decideText, type Decisions } from "./conditions.ts";
import { rootShape, shapeBelow, type ObjectShape } from "./object-shape.ts";
import { escaped, fieldsPattern, leafPattern, objectPattern } from "./patterns.ts";

export interface EntityShape {
  planned: Planned;
  supergraph: LoadedSupergraph;
  /** Of the conditions in both fetches. */
  decisions: Decisions;
  root: FetchNode;
  path: readonly (string | number)[];
  entity: FetchNode;
}

/** Some text of an entity as the client gets it: what is written before, and whose value follows. */
export interface Piece {
  prefix: string;
  /** The group of the first fetch's pattern. */
  local?: number;
  /** The group of the second fetch's pattern. */
  remote?: number;
}

export interface EntityTexts {
  /** How a representation begins. */
  head: string;
  requests: readonly [RequestWriter, RequestWriter];
  /** The whole first answer. */
  whole: RegExp;
  /** Each entity in it. */
  each: RegExp;
  /** An entity in the second answer. */
  received: RegExp;
  /** What a representation has to hold. */
  required: readonly { prefix: string; group: number }[];
  /** Whether that is all there is of an entity in the first answer, so that its text can be sent as it is. */
  isSentAsFound: boolean;
  /** What the client gets of an entity. */
  pieces: readonly Piece[];
}

/** What is sent, what the answers have to look like, and what of them goes where. */
export function compileTexts(shape: EntityShape): EntityTexts {
  const { entity, planned, decisions } = shape;
  const path = shape.path.map(String);
  const place = path.filter((element) => element !== "@");
  const client = rootShape(planned.operation);
  const wanted = shapeAt(client, place);
  const { name: typeName } = wanted.type;
  if (isNamedElsewhere(typeName, client, place)) throw new NotCompilable("type names elsewhere");
  const first = { ...shape.root, operation: inClientOrder(shape.root.operation, client, place) };
  const second = { ...entity, operation: entitiesInClientOrder(entity.operation, wanted) };
  const keys = keysOf(shape, typeName);
  const { pieces, remote } = arrange(wanted, keys, remoteKeys(second, decisions));
  const keyPattern = keys.map(({ key, pattern }) => `${escaped(JSON.stringify(key))}:(${pattern})`);
  const head = `{"__typename":${JSON.stringify(typeName)}`;
  const inText = String.raw`${escaped(head)},${keyPattern.join(",")}\}`;
  // A group that is not needed in the whole would only slow it down.
  const hole = { path, pattern: inText.replaceAll(/(?<!\\)\((?!\?)/g, "(?:") };
  const required = requiredKeys(entity).map((name) => ({
    prefix: `,${JSON.stringify(name)}:`,
    group: keys.findIndex(({ key }) => key === name) + 1,
  }));
  if (required.some(({ group }) => group === 0)) throw new NotCompilable("a key under another name");
  return {
    head,
    requests: [compileRequest(first), compileRequest(second)] as const,
    whole: new RegExp(String.raw`^\{"data":${objectPattern(client, hole)}\}$`),
    each: new RegExp(inText, "g"),
    received: new RegExp(
      String.raw`\{${remote.map((piece) => `(${fieldsPattern(piece)})`).join(",")}\}`,
      "y",
    ),
    required,
    isSentAsFound:
      required.length === keys.length && required.every(({ group }, index) => group === index + 1),
    pieces,
  };
}

/** What the client wants of the entities, which stand at a path of its operation. */
function shapeAt(root: ObjectShape, place: readonly string[]): ObjectShape {
  let shape = root;
  for (const key of place) {
    const field = shape.fields.find((each) => each.key === key);
    const below = field && shapeBelow(field);
    if (!below) throw new NotCompilable("entities outside of the operation");
    shape = below;
  }
  if (shape === root) throw new NotCompilable("entities at the root");
  return shape;
}

/** Whether objects of a type say so elsewhere than at `place`: positions are found by the type name. */
function isNamedElsewhere(
  typeName: string,
  { type, fields }: ObjectShape,
  place: readonly string[],
): boolean {
  return fields.some((field) => {
    if (field.isTypename) return type.name === typeName;
    const isOnWay = place[0] === field.key;
    const below = isOnWay && place.length === 1 ? undefined : shapeBelow(field);
    return below !== undefined && isNamedElsewhere(typeName, below, isOnWay ? place.slice(1) : []);
  });
}

interface Key {
  key: string;
  pattern: string;
}

/** What the first fetch brings of an entity: its type name, then values without structure. */
function keysOf({ root, path, supergraph, decisions }: EntityShape, typeName: string): Key[] {
  const document = decideText(root.operation, decisions);
  let fragments = 0;
  visit(document, {
    InlineFragment: () => void fragments++,
    FragmentSpread: () => void fragments++,
  });
  if (fragments > 0) throw new NotCompilable("fragments in spliced text");
  const [operation] = document.definitions;
  let selections = operation?.kind === Kind.OPERATION_DEFINITION ? operation.selectionSet : undefined;
  for (const element of path) if (element !== "@") selections = selectionOf(selections, String(element));
  const [first, ...keys] = fieldNames(selections);
  if (first?.name !== "__typename" || keys.length === 0)
    throw new NotCompilable("an entity without its type name");
  const type = supergraph.supergraphSchema.getType(typeName);
  return keys.map(({ key, name }) => {
    const field = isGraphQLObjectType(type) ? type.getFields()[name] : undefined;
    const leaf = field && getNamedType(field.type);
    // Values of an enum may be hidden from clients, so a pattern of the whole supergraph does not do.
    if (!field || !isScalarType(leaf) || field.type.toString().includes("["))
      throw new NotCompilable("a key with structure");
    const pattern = leafPattern(leaf.name);
    return { key, pattern: field.type.toString().endsWith("!") ? pattern : `null|${pattern}` };
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
function remoteKeys({ operation }: FetchNode, decisions: Decisions): string[] {
  const [definition] = decideText(operation, decisions).definitions;
  const entities = definition?.kind === Kind.OPERATION_DEFINITION ? definition.selectionSet : undefined;
  const inside = selectionOf(entities, "_entities")?.selections ?? [];
  const [fragment] = inside;
  if (inside.length !== 1 || fragment?.kind !== Kind.INLINE_FRAGMENT)
    throw new NotCompilable("entities of several types");
  return fieldNames(fragment.selectionSet).map(({ key }) => key);
}

function requiredKeys({ requires }: FetchNode): string[] {
  const [fragment, ...others] = requires ?? [];
  if (fragment?.kind !== "InlineFragment" || others.length > 0)
    throw new NotCompilable("several representations");
  const names = fragment.selections.map((field) =>
    field.kind === "Field" && !field.selections && !field.alias ? field.name : undefined,
  );
  if (names.includes(undefined) || names[0] !== "__typename")
    throw new NotCompilable("a structured representation");
  return names.slice(1) as string[];
}

/** The client's fields of an entity: those of the first fetch one by one, those of the second as far as they adjoin. */
function arrange({ type, fields }: ObjectShape, keys: readonly Key[], remoteNames: readonly string[]) {
  const isRemote = ({ key }: PlannedField) => remoteNames.includes(key);
  if (String(fields.filter(isRemote).map(({ key }) => key)) !== String(remoteNames))
    throw new NotCompilable("fields of an entity in another order");
  const pieces: Piece[] = [];
  const remote: { type: ObjectShape["type"]; fields: PlannedField[] }[] = [];
  for (const [index, field] of fields.entries()) {
    if (!isRemote(field)) pieces.push(localPiece(field, type.name, keys));
    else if (index > 0 && pieces.at(-1)?.remote !== undefined) remote.at(-1)?.fields.push(field);
    else pieces.push({ prefix: "", remote: remote.push({ type, fields: [field] }) });
  }
  return { pieces, remote };
}

function localPiece(
  { key, isTypename, condition }: PlannedField,
  typeName: string,
  keys: readonly Key[],
): Piece {
  const prefix = `${JSON.stringify(key)}:`;
  if (isTypename) return { prefix: `${prefix}${JSON.stringify(typeName)}` };
  const local = keys.findIndex((each) => each.key === key) + 1;
  if (local === 0 || condition !== "") throw new NotCompilable("a local field that is not a key");
  return { prefix, local };
}
