import { isObjectType, type CompositeType } from "@apollo/federation-internals";
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
import { fieldsOf, type ConditionalSet, type PlannedField } from "../compile/collect-fields.ts";
import { NotCompilable } from "../compile/not-compilable.ts";
import { compileRequest } from "../compile/request.ts";
import type { Planned } from "../plan-store.ts";
import { askText } from "./ask-text.ts";
import { decideText, type Decisions } from "./conditions.ts";
import { escaped, fieldsPattern, leafPattern, objectPattern, plainFields } from "./patterns.ts";
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
  const { root, entity, planned } = shape;
  const place = placeOf(shape);
  const keys = keysOf(shape, place.type.name);
  const { before, remote, after } = arrange(place.fields, keys, remoteKeys(shape));
  const keyPattern = keys.map(({ key, pattern }) => `${escaped(JSON.stringify(key))}:(${pattern})`);
  const head = `{"__typename":${JSON.stringify(place.type.name)}`;
  const inText = String.raw`${escaped(head)},${keyPattern.join(",")}\}`;
  const rootPattern = objectPattern(rootFields(planned), {
    path: shape.path.map(String),
    // A group that is not needed in the whole would only slow it down.
    pattern: inText.replaceAll(/(?<!\\)\((?!\?)/g, "(?:"),
  });
  const whole = new RegExp(String.raw`^\{"data":${rootPattern}\}$`);
  const each = new RegExp(inText, "g");
  const received = new RegExp(String.raw`\{${fieldsPattern(remote)}\}`, "y");
  const required = requiredKeys(entity).map((name) => ({
    prefix: `,${JSON.stringify(name)}:`,
    group: keys.findIndex(({ key }) => key === name) + 1,
  }));
  if (required.some(({ group }) => group === 0)) throw new NotCompilable("a key under another name");
  const requests = [compileRequest(root), compileRequest(entity)] as const;
  const written = (fields: readonly LocalField[], match: RegExpExecArray) =>
    fields.map(({ prefix, group }) => prefix + (match[group] ?? "")).join(",");

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

interface Place {
  type: CompositeType;
  /** What the client wants of the entity. */
  fields: PlannedField[];
}

/** Where in the client's operation the entities stand. */
function placeOf({ planned, path }: EntityShape): Place {
  let fields = rootFields(planned);
  let sets: ConditionalSet[] = [];
  let type: CompositeType | undefined;
  for (const element of path) {
    if (element === "@") continue;
    const field: PlannedField | undefined = fields.find(({ key }) => key === element);
    const base = field && baseType(field);
    if (!field || !base) throw new NotCompilable("entities outside of the operation");
    ({ sets } = field);
    type = base;
    fields = fieldsOf(base, sets);
  }
  if (!type) throw new NotCompilable("entities at the root");
  return { type, fields: plainFields(type, sets) };
}

function baseType({ type }: PlannedField): CompositeType | undefined {
  let base: unknown = type;
  while (typeof base === "object" && base !== null && "ofType" in base) base = base.ofType;
  return isObjectType(base as never) ? (base as CompositeType) : undefined;
}

function rootFields({ operation }: Planned): PlannedField[] {
  const rootType = operation.schema().schemaDefinition.rootType(operation.rootKind);
  if (!rootType) throw new NotCompilable("an operation without a root type");
  return plainFields(rootType, [{ set: operation.selectionSet, condition: "" }]);
}

interface Key {
  key: string;
  pattern: string;
}

/** What the first fetch brings of an entity: its type name, then values without structure. */
function keysOf({ root, path, supergraph, decisions }: EntityShape, typeName: string): Key[] {
  const document = decideText(root.operation, decisions);
  let typenames = 0;
  let fragments = 0;
  visit(document, {
    Field: ({ name }) => void (typenames += name.value === "__typename" ? 1 : 0),
    InlineFragment: () => void fragments++,
    FragmentSpread: () => void fragments++,
  });
  // Positions are found by the type name, so it must not occur anywhere else.
  if (typenames !== 1 || fragments > 0) throw new NotCompilable("type names elsewhere in spliced text");
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
function remoteKeys({ entity, decisions }: EntityShape): string[] {
  const [definition] = decideText(entity.operation, decisions).definitions;
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
  /** The group of the pattern that holds its value. */
  group: number;
}

/** The client's fields of an entity: those of the first fetch around those of the second, in one piece. */
function arrange(fields: readonly PlannedField[], keys: readonly Key[], remote: readonly string[]) {
  const groupOf = (field: PlannedField) => keys.findIndex(({ key }) => key === field.key) + 1;
  const from = fields.findIndex((field) => groupOf(field) === 0);
  const piece = fields.slice(from, from + remote.length);
  const rest = [fields.slice(0, from), fields.slice(from + remote.length)] as const;
  const isOnePiece =
    from >= 0 && piece.length === remote.length && piece.every(({ key }, at) => key === remote[at]);
  if (!isOnePiece || rest.flat().some((field) => groupOf(field) === 0 || field.condition !== "")) {
    throw new NotCompilable("fields of two subgraphs that alternate");
  }
  const locals = (some: readonly PlannedField[]): LocalField[] =>
    some.map((field) => ({ prefix: `${JSON.stringify(field.key)}:`, group: groupOf(field) }));
  return { before: locals(rest[0]), remote: piece, after: locals(rest[1]) };
}
