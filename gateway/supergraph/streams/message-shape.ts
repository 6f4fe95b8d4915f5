import { Kind, parse, type FieldNode, type SelectionNode, type SelectionSetNode } from "graphql";
import { namedTypeOf, type Composite, type TypeIndex } from "./type-index.ts";

/** What a message says of the objects of each type: the fields that every object of the type has in it. */
export interface MessageShape {
  selection: SelectionSetNode;
  /** By type; of abstract types, what is asked of them without a fragment. */
  fields: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Objects of a type at a place in a message. */
interface Place {
  type: string;
  at: string;
  fields: Set<string>;
}

/**
 * Reads the selection that a message holds, over the type of a field; the outer braces may be left out.
 *
 * @throws Error saying what in it does not exist, or cannot be
 */
export function readMessage(text: string, type: string, types: TypeIndex): MessageShape {
  const selection = selectionIn(text);
  const places: Place[] = [];
  look(selection, { type, at: "", types, places });
  const fields = new Map<string, Set<string>>();
  for (const place of places) {
    const known = fields.get(place.type);
    fields.set(
      place.type,
      known ? new Set([...known].filter((name) => place.fields.has(name))) : place.fields,
    );
  }
  return { selection, fields };
}

function selectionIn(text: string): SelectionSetNode {
  const braced = text.trim().startsWith("{") ? text : `{${text}}`;
  try {
    const [definition] = parse(braced, { noLocation: true }).definitions;
    if (definition?.kind === Kind.OPERATION_DEFINITION) return definition.selectionSet;
  } catch {
    // Said below.
  }
  throw new Error(`has the message ${JSON.stringify(text)}; expected a selection like "{ id name }"`);
}

interface Looking {
  type: string;
  at: string;
  types: TypeIndex;
  places: Place[];
}

function look({ selections }: SelectionSetNode, looking: Looking): void {
  const { type, at, types, places } = looking;
  const node = types.composite(type);
  if (!node) throw new Error(`selects something of ${at || "the field"}, which has no fields`);
  const isAbstract = node.kind !== Kind.OBJECT_TYPE_DEFINITION;
  const fields = selections.filter((each) => each.kind === Kind.FIELD);
  const own = fields.filter(({ name }) => name.value !== "__typename");
  const inFragments = fragmentsOf(selections, { isAbstract, ...looking });
  if (isAbstract && own.length === fields.length)
    throw new Error(
      `leaves open of which type ${at || "the message"} is; expected __typename in it, as ${type} is abstract`,
    );
  places.push({ type, at, fields: new Set(own.map((each) => fieldOf(each, node, looking))) });
  for (const member of isAbstract ? types.objectsOf(type) : []) {
    const more = inFragments.get(member) ?? [];
    inFragments.delete(member);
    const set: SelectionSetNode = { kind: Kind.SELECTION_SET, selections: [...fields, ...more] };
    look(set, { ...looking, type: member, at: `${at} on ${member}`.trim() });
  }
  const [stranger] = inFragments.keys();
  if (stranger !== undefined) throw new Error(`has a fragment on ${stranger}, which is no member of ${type}`);
}

/** What fragments ask of the members of an abstract type. */
function fragmentsOf(
  selections: readonly SelectionNode[],
  { type, at, isAbstract }: Looking & { isAbstract: boolean },
): Map<string, readonly SelectionNode[]> {
  const fragments = new Map<string, readonly SelectionNode[]>();
  for (const each of selections) {
    if (each.kind === Kind.FIELD) continue;
    if (each.kind !== Kind.INLINE_FRAGMENT || !isAbstract || !each.typeCondition)
      throw new Error(
        `uses a fragment at ${at || "the top"}; expected fields by their names, and \`... on\` for members of ${type}`,
      );
    fragments.set(each.typeCondition.name.value, each.selectionSet.selections);
  }
  return fragments;
}

function fieldOf(selection: FieldNode, node: Composite, looking: Looking): string {
  const { at, types } = looking;
  const name = selection.name.value;
  const path = at ? `${at}.${name}` : name;
  const field = "fields" in node ? node.fields?.find((each) => each.name.value === name) : undefined;
  if (!field) throw new Error(`selects ${path}, which ${node.name.value} does not have`);
  if (selection.alias || selection.directives?.length || selection.arguments?.length)
    throw new Error(`selects ${path} with more than its name; a message has fields by their names`);
  if (field.arguments?.length)
    throw new Error(
      `selects ${path}, which takes arguments; leave it out, and it is asked for with each event`,
    );
  const type = namedTypeOf(field.type);
  const isComposite = types.composite(type) !== undefined;
  if (isComposite && !selection.selectionSet)
    throw new Error(`selects ${path} without saying what of ${type} is in the message`);
  if (selection.selectionSet) look(selection.selectionSet, { ...looking, type, at: path });
  return name;
}
