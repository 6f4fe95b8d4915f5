import {
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  TypeNameMetaFieldDef,
  type GraphQLOutputType,
  type GraphQLSchema,
  type SelectionSetNode,
} from "graphql";
import { isIncluded, type DecidedOperation } from "./decided.ts";
import type { Faults } from "./faults.ts";
import { isJsonObject, type JsonObject } from "./json.ts";
import { leafWriter } from "./leaf-writers.ts";
import { lazily } from "./receive.ts";
import type { Run } from "./run.ts";
import { fieldsOf, type CompositeType, type SelectedField } from "./selections.ts";

/** One answer that is being written. */
interface Writing {
  faults: Faults;
  isPlain: boolean;
  /** Where the writer stands; only as far as the writer says. */
  path: (string | number)[];
}

/** The text of a value; undefined for one that may not be, which has been told by then unless it is a leaf. */
type Write = (value: unknown, writing: Writing) => string | undefined;

/**
 * What a client sees of the data that the subgraphs gave, as JSON text: its own names in its own order, every value as
 * the schema says, null where something is missing, as far up as the schema asks for. Faults are told on the way.
 */
export type Project = (run: Pick<Run, "data" | "faults" | "isPlain">) => string;

/** `fieldsToPart` is how many fields lead to a deferred part: a null in it goes no further up than to its object. */
export function compileProjection(
  schema: GraphQLSchema,
  operation: DecidedOperation,
  fieldsToPart = 0,
): Project {
  const { definition } = operation;
  const root = schema.getRootType(definition.operation);
  if (!root) throw new Error(`the schema has no ${definition.operation}`);
  const place = { sets: [definition.selectionSet], depth: 0, coordinate: root.name, fieldsToPart };
  const write = objectWriter({ schema, operation }, root, place);
  return ({ data, faults, isPlain }) => {
    const text = write(data, { faults, isPlain, path: [] });
    if (text === undefined) faults.endsAt([]);
    return text ?? "null";
  };
}

interface Scope {
  schema: GraphQLSchema;
  operation: DecidedOperation;
}

/** Where a value stands in the answer. */
interface Place {
  /** What is selected below it. */
  sets: readonly SelectionSetNode[];
  /** The length of its path. */
  depth: number;
  /** `Type.field` of the field that it belongs to. */
  coordinate: string;
  /** How many fields lead from here to the deferred part that is written. */
  fieldsToPart: number;
}

/** Writes a value that stands in an object or a list. */
interface Child {
  /** The length of the path of what it stands in. */
  depth: number;
  isNonNull: boolean;
  isLeaf: boolean;
  coordinate: string;
  write: Write;
}

function childOf(scope: Scope, type: GraphQLOutputType, place: Place): Child {
  const { depth, coordinate, fieldsToPart } = place;
  const present = isNonNullType(type) ? type.ofType : type;
  return {
    depth,
    isNonNull: isNonNullType(type) && fieldsToPart === 0,
    isLeaf: isLeafType(present),
    coordinate,
    write: valueWriter(scope, present, { ...place, depth: depth + 1 }),
  };
}

function valueWriter(scope: Scope, type: GraphQLOutputType, place: Place): Write {
  if (isNonNullType(type)) return valueWriter(scope, type.ofType, place);
  if (isListType(type)) return listWriter(scope, type.ofType, place);
  if (isObjectType(type)) return concreteWriter(scope, type, place);
  return isAbstractType(type) ? abstractWriter(scope, type, place) : leafWriter(type);
}

function listWriter(scope: Scope, type: GraphQLOutputType, place: Place): Write {
  const { depth, coordinate } = place;
  const child = childOf(scope, type, place);
  return (value, writing) => {
    if (!Array.isArray(value)) return wrong(`${coordinate} is no list`, depth, writing);
    let text = "[";
    for (let index = 0; index < value.length; index++) {
      const inner: unknown = value[index];
      writing.path[depth] = index;
      const own = isPresent(inner) ? child.write(inner, writing) : undefined;
      if (own === undefined) {
        explain(child, { container: value, key: index, value: inner ?? null }, writing);
        if (child.isNonNull) return undefined;
      }
      text += index === 0 ? (own ?? "null") : `,${own ?? "null"}`;
    }
    return `${text}]`;
  };
}

/** The place of an object's fields, one field further down than the object itself. */
const below = (place: Place): Place => ({ ...place, fieldsToPart: Math.max(0, place.fieldsToPart - 1) });

/** An object whose type is known; a subgraph that knows it by an interface may call it that. */
function concreteWriter(scope: Scope, type: CompositeType, place: Place): Write {
  const { schema } = scope;
  const write = objectWriter(scope, type, below(place));
  return (value, writing) => {
    const name = isJsonObject(value) ? value["__typename"] : null;
    if (name === undefined || name === type.name) return write(value, writing);
    const named = typeof name === "string" ? schema.getType(name) : undefined;
    const isAbove = isAbstractType(named) && isObjectType(type) && schema.isSubType(named, type);
    if (isAbove) return write(value, writing);
    return wrong(`${place.coordinate} is no ${type.name}`, place.depth, writing);
  };
}

function abstractWriter(scope: Scope, type: CompositeType, place: Place): Write {
  const { schema } = scope;
  const writers = new Map<unknown, Write>();
  const writerFor = (name: unknown): Write | undefined => {
    const known = writers.get(name);
    if (known) return known;
    const named = typeof name === "string" ? schema.getType(name) : undefined;
    const isOne = isObjectType(named) && isAbstractType(type) && schema.isSubType(type, named);
    // An object whose type nobody asked for, or of which only the interface is known.
    const isOpen = name === undefined || name === type.name;
    if (!isOne && !isOpen) return undefined;
    const writer = objectWriter(scope, isOne ? named : type, below(place));
    writers.set(name, writer);
    return writer;
  };
  const asksForType = lazily(() => dependsOnType(place.sets, type.name, scope.operation));
  return (value, writing) => {
    // What the client gets depends on the type: without it there is no object.
    if (isTypeUnknown(value, { type: type.name, asksForType, writing, depth: place.depth })) return undefined;
    const writer = isJsonObject(value) ? writerFor(value["__typename"]) : undefined;
    return (
      writer?.(value, writing) ??
      (writer ? undefined : wrong(`${place.coordinate} is no ${type.name}`, place.depth, writing))
    );
  };
}

/** Whether something stood in the way of an object's type; the client is told then. */
function isTypeUnknown(
  value: unknown,
  {
    type,
    asksForType,
    writing: { faults, path },
    depth,
  }: { type: string; asksForType: () => boolean; writing: Writing; depth: number },
): boolean {
  if (!faults.anyNoted || !isJsonObject(value)) return false;
  const name = value["__typename"];
  const isUnknown = name === undefined || name === type;
  return isUnknown && asksForType() && faults.tell(value, "__typename", path.slice(0, depth));
}

/** Whether anything is selected for some types of object only, or the type itself is. */
const dependsOnType = (
  sets: readonly SelectionSetNode[],
  type: string,
  operation: DecidedOperation,
): boolean =>
  sets.some(({ selections }) =>
    selections.some((selection) => {
      if (!isIncluded(selection, operation.decisions)) return false;
      if (selection.kind === Kind.FIELD) return selection.name.value === TypeNameMetaFieldDef.name;
      const fragment =
        selection.kind === Kind.INLINE_FRAGMENT ? selection : operation.fragments.get(selection.name.value);
      const condition = fragment?.typeCondition?.name.value ?? type;
      return condition !== type || (!!fragment && dependsOnType([fragment.selectionSet], type, operation));
    }),
  );

interface FieldWriter extends Child {
  key: string;
  dataKey: string;
  /** Everything before the value. */
  prefix: string;
  /** The value, where it is always the same. */
  constant: string | undefined;
}

/** The fields are looked at when the first object comes: most types of a large operation never do. */
function objectWriter(scope: Scope, type: CompositeType, { sets, depth, fieldsToPart }: Place): Write {
  let fields: readonly FieldWriter[] | undefined;
  return (value, writing) => {
    fields ??= fieldsOf(type, sets, scope).map((field, index) =>
      fieldWriter(scope, field, { type, depth, fieldsToPart, isFirst: index === 0 }),
    );
    return writeObject(value as JsonObject, fields, writing);
  };
}

function fieldWriter(
  scope: Scope,
  field: SelectedField,
  {
    type,
    isFirst,
    ...place
  }: { type: CompositeType; isFirst: boolean } & Pick<Place, "depth" | "fieldsToPart">,
): FieldWriter {
  const { key, dataKey, sets } = field;
  const child = childOf(scope, field.type, { ...place, sets, coordinate: `${type.name}.${field.name}` });
  return {
    ...child,
    // There may be no type of that name.
    ...(field.isIntrospection && { isNonNull: false, write: (value) => JSON.stringify(value) }),
    // Of an object whose type is not known `__typename` is left open: its interface's name would be wrong.
    ...(field.isTypename && !isObjectType(type) && { write: () => undefined }),
    key,
    dataKey,
    prefix: `${isFirst ? "" : ","}${JSON.stringify(key)}:`,
    constant: field.isTypename && isObjectType(type) ? JSON.stringify(type.name) : undefined,
  };
}

function writeObject(
  value: JsonObject,
  fields: readonly FieldWriter[],
  writing: Writing,
): string | undefined {
  let text = "{";
  for (const field of fields) {
    if (field.constant !== undefined) {
      text += field.prefix + field.constant;
      continue;
    }
    const inner = value[field.dataKey];
    writing.path[field.depth] = field.key;
    const own = isPresent(inner) ? field.write(inner, writing) : undefined;
    if (own === undefined) {
      explain(field, { container: value, key: field.dataKey, value: inner }, writing);
      if (field.isNonNull) return undefined;
    }
    text += field.prefix + (own ?? "null");
  }
  return `${text}}`;
}

const isPresent = (value: unknown) => value !== null && value !== undefined;

/** Tells why there is no text of a value. A null that nobody can explain is meant, where the type allows it. */
function explain(
  { depth, isNonNull, isLeaf, coordinate }: Child,
  { container, key, value }: { container: object; key: string | number; value: unknown },
  { faults, path }: Writing,
): void {
  const isMeant = value === null && !isNonNull;
  if (isMeant && !faults.anyNoted) return;
  const place = path.slice(0, depth + 1);
  // Whatever is wrong inside of an object or a list has been told there.
  const isToldBelow = isPresent(value) && !isLeaf;
  const isTold = isToldBelow || faults.tell(container, key, place);
  if (!isTold && !isMeant) faults.tellWrong(whatIsWrong(value, coordinate), place);
  if ((isTold || !isMeant) && !isNonNull) faults.endsAt(place);
}

function whatIsWrong(value: unknown, coordinate: string): string {
  if (value === undefined) return `${coordinate} is missing`;
  return value === null
    ? `Cannot return null for non-nullable field ${coordinate}.`
    : `${coordinate} has a value that its type does not allow`;
}

function wrong(message: string, depth: number, { faults, path }: Writing): undefined {
  faults.tellWrong(message, path.slice(0, depth));
}
