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
import { compileRequest } from "../compile/request.ts";
import type { Planned } from "../plan-store.ts";
import { askText } from "./ask-text.ts";
import { entitiesInClientOrder, inClientOrder } from "./client-order.ts";
import { decideText, type Decisions } from "./conditions.ts";
import { rootShape, shapeBelow, type ObjectShape } from "./object-shape.ts";
import { escaped, fieldsPattern, leafPattern, objectPattern } from "./patterns.ts";
import type { Splice } from "./splice.ts";

export interface EntityShape {
  planned: Planned;
  supergraph: LoadedSupergraph;
  /** Of the conditions in both fetches. */
  decisions: Decisions;
  root: FetchNode;
  path: readonly (string | number)[];
  entity: FetchNode;
}

const ENTITIES = '{"data":{"_entities":[';
const END = "]}}";

/** A fetch, then the entities in it: the fields of the second are put into the objects of the first. */
export function compileEntitySplice(shape: EntityShape): Splice {
  const { head, requests, whole, each, received, required, before, after } = compileTexts(shape);
  const written = (fields: readonly LocalField[], match: RegExpExecArray) =>
    fields.map(({ prefix, group }) => prefix + (group === undefined ? "" : match[group])).join(",");

  return async (run) => {
    const text = await askText(run, { index: 0, request: requests[0] });
    if (text === undefined || !whole.test(text)) return undefined;
    const found: { from: number; to: number; nth: number; match: RegExpExecArray }[] = [];
    const distinct = new Map<string, number>();
    each.lastIndex = 0;
    for (let match = each.exec(text); match; match = each.exec(text)) {
      // An escape could be written in two ways, and this has to be what the general way would send.
      if (match[0].includes("\\")) return undefined;
      let representation = head;
      for (const { prefix, group } of required) representation += prefix + (match[group] ?? "");
      representation += "}";
      const nth = distinct.get(representation) ?? distinct.size;
      distinct.set(representation, nth);
      found.push({ from: match.index, to: each.lastIndex, nth, match });
    }
    if (found.length === 0) return text.slice('{"data":'.length, -1);
    const representations = [...distinct.keys()];
    const answer = await askText(run, { index: 1, request: requests[1], representations });
    const parts = answer === undefined ? undefined : splitEntities(answer, representations.length, received);
    if (!parts) return undefined;
    let data = "";
    let at = '{"data":'.length;
    for (const { from, to, nth, match } of found) {
      data += `${text.slice(at, from)}{${before.length > 0 ? `${written(before, match)},` : ""}${parts[nth] ?? ""}`;
      data += after.length > 0 ? `,${written(after, match)}}` : "}";
      at = to;
    }
    return data + text.slice(at, -1);
  };
}

/** What is sent, what the answers have to look like, and what of them goes where. */
function compileTexts(shape: EntityShape) {
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
  const { before, remote, after } = arrange(wanted, keys, remoteKeys(second, decisions));
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
    received: new RegExp(String.raw`\{${fieldsPattern(remote)}\}`, "y"),
    required,
    before,
    after,
  };
}

/** The inside of each entity, if all of them are what was asked for. */
function splitEntities(text: string, count: number, pattern: RegExp): string[] | undefined {
  if (!text.startsWith(ENTITIES)) return undefined;
  const parts: string[] = [];
  let at = ENTITIES.length;
  for (let index = 0; index < count; index++) {
    if (index > 0 && text[at++] !== ",") return undefined;
    pattern.lastIndex = at;
    if (!pattern.test(text)) return undefined;
    parts.push(text.slice(at + 1, pattern.lastIndex - 1));
    at = pattern.lastIndex;
  }
  return text.length === at + END.length && text.endsWith(END) ? parts : undefined;
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

interface LocalField {
  prefix: string;
  /** The group of the pattern that holds its value; the type name is in the prefix. */
  group: number | undefined;
}

/** The client's fields of an entity: those of the first fetch around those of the second, in one piece. */
function arrange({ type, fields }: ObjectShape, keys: readonly Key[], remote: readonly string[]) {
  const from = fields.findIndex(({ key }) => remote.includes(key));
  const piece = fields.slice(from, from + remote.length);
  const isOnePiece =
    from >= 0 && piece.length === remote.length && piece.every(({ key }, at) => key === remote[at]);
  if (!isOnePiece) throw new NotCompilable("fields of two subgraphs that alternate");
  const local = ({ key, isTypename, condition }: PlannedField): LocalField => {
    const prefix = `${JSON.stringify(key)}:`;
    if (isTypename) return { prefix: `${prefix}${JSON.stringify(type.name)}`, group: undefined };
    const group = keys.findIndex((each) => each.key === key) + 1;
    if (group === 0 || condition !== "") throw new NotCompilable("a local field that is not a key");
    return { prefix, group };
  };
  return {
    before: fields.slice(0, from).map(local),
    remote: { type, fields: piece },
    after: fields.slice(from + remote.length).map(local),
  };
}
