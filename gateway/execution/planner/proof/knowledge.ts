import { Kind, print, type FieldNode, type SelectionSetNode, type ValueNode } from "graphql";
import type { IsOfType } from "../../../supergraph/joins.ts";
import type { RequiredSelection } from "../../plan.ts";

/** Where a value comes from: the fetch that brings it, and what it asked the subgraph for. */
interface Source {
  fetch: number;
  field: string;
  arguments: string;
  /** Whether the subgraph could answer it; what it was not given all inputs for is something else than the field. */
  isRight: boolean;
  /** Whether the object was there to be asked about in any case, and not only when another fetch was faster. */
  isCertain: boolean;
}

/** A field in the data. */
export interface Entry {
  sources: Source[];
  /** The objects below it. */
  below: Place;
}

/** What is known of the objects of one type in one place. */
export class Known {
  readonly entries = new Map<string, Entry>();
  /** What each fetch calls their type. */
  readonly names: { fetch: number; name: string }[] = [];

  entry(key: string): Entry {
    const entry = this.entries.get(key) ?? { sources: [], below: new Map() };
    this.entries.set(key, entry);
    return entry;
  }
}

/** The objects in one place of the data, by their type. */
export type Place = Map<string, Known>;

export function knownIn(place: Place, type: string): Known {
  const known = place.get(type) ?? new Known();
  place.set(type, known);
  return known;
}

/** When a fetch begins, or the end. */
export interface Moment {
  /** What is done by then. */
  isBefore: (fetch: number) => boolean;
  /** What may be done by then. */
  isBeside: (fetch: number) => boolean;
  isOfType: IsOfType;
}

/** The names of a type that an object may have in the data at a moment: the narrowest of those that came before it. */
export function namesAt({ names }: Known, { isBefore, isBeside, isOfType }: Moment): (string | undefined)[] {
  const narrowest = (all: readonly string[]): string | undefined =>
    all.reduce<string | undefined>(
      (held, name) => (held === undefined || isOfType(name, held) ? name : held),
      undefined,
    );
  const before = narrowest(names.filter(({ fetch }) => isBefore(fetch)).map(({ name }) => name));
  const beside = names.filter(({ fetch }) => isBeside(fetch)).map(({ name }) => name);
  const possible = beside.map((name) => narrowest(before === undefined ? [name] : [before, name]));
  return [...new Set([before, ...possible])];
}

/** One text for all ways of writing the same arguments, without those that come from elsewhere. */
export function argumentsText({ arguments: given = [] }: FieldNode, except?: ReadonlySet<string>): string {
  if (given.length === 0) return "";
  const texts = given
    .filter(({ name }) => except?.has(name.value) !== true)
    .map(({ name, value }) => `${name.value}:${valueText(value)}`);
  return texts.toSorted().join();
}

const INTEGER = /^-?(?:0|[1-9]\d*)$/;
/** Numbers with so few characters are the same after they have been read and written. */
const EXACT_CHARS = 15;

function valueText(value: ValueNode): string {
  // An id may be written as an integer, and some planners write those so that could be one.
  if (value.kind === Kind.STRING)
    return INTEGER.test(value.value) ? value.value : JSON.stringify(value.value);
  if (value.kind === Kind.FLOAT && value.value.length <= EXACT_CHARS) return String(Number(value.value));
  if (value.kind === Kind.LIST) {
    const [only, ...others] = value.values;
    // A list of one may be written without its brackets, and some planners add them.
    return only && others.length === 0 ? valueText(only) : `[${value.values.map(valueText).join()}]`;
  }
  if (value.kind !== Kind.OBJECT) return print(value);
  return `{${value.fields
    .map(({ name, value: inner }) => `${name.value}:${valueText(inner)}`)
    .toSorted()
    .join()}}`;
}

export const responseName = ({ alias, name }: FieldNode): string => (alias ?? name).value;

/** Whether an entry holds what a field is, by a moment. */
export function holds(entry: Entry, node: FieldNode, { isBefore }: Moment): boolean {
  const text = argumentsText(node);
  return (
    entry.sources.some(({ fetch, isCertain }) => isCertain && isBefore(fetch)) &&
    entry.sources.every(
      (source) => source.isRight && source.field === node.name.value && source.arguments === text,
    )
  );
}

type SentField = RequiredSelection & { kind: "field" };

/** What is sent of an object that some fragments apply to. */
const fieldsSent = (
  sent: readonly RequiredSelection[],
  applies: (condition: string) => boolean,
): SentField[] =>
  sent.flatMap((each) => {
    if (each.kind === "field") return [each];
    return applies(each.type) ? fieldsSent(each.selections, applies) : [];
  });

/** Whether something may be sent under the names of a key. */
export function isSent(
  { selections }: SelectionSetNode,
  { known, sent }: { known: Known; sent: readonly RequiredSelection[] },
  moment: Moment,
): boolean {
  const names = namesAt(known, moment);
  const fields = fieldsSent(sent, (condition) => names.some((name) => moment.isOfType(name, condition)));
  return selections.every(
    (field) =>
      field.kind === Kind.FIELD &&
      fields.some(
        ({ sentAs, key }) =>
          sentAs === field.name.value &&
          known.entries.get(key)?.sources.some(({ fetch }) => moment.isBefore(fetch)),
      ),
  );
}

/**
 * Whether a representation that is made of what is known of an object has all the fields of a key or of `@requires`, each
 * of them what the subgraph takes it for.
 */
export function satisfies(
  { selections }: SelectionSetNode,
  { type, known, sent }: { type: string; known: Known; sent: readonly RequiredSelection[] },
  moment: Moment,
): boolean {
  const { isOfType } = moment;
  const names = namesAt(known, moment);
  const fields = fieldsSent(sent, (condition) => names.every((name) => isOfType(name, condition)));
  return selections.every((selection): boolean => {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return false;
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      const condition = selection.typeCondition?.name.value;
      if (condition !== undefined && !isOfType(type, condition)) return true;
      return satisfies(selection.selectionSet, { type, known, sent }, moment);
    }
    const { selectionSet } = selection;
    if (selection.name.value === "__typename") return names.every((name) => name !== undefined);
    const found = fields.filter(({ sentAs }) => sentAs === selection.name.value);
    if (found.length === 0) return false;
    return (
      found.every(({ key }) => {
        const entry = known.entries.get(key);
        return !!entry && holds(entry, selection, moment);
      }) &&
      (!selectionSet || isSatisfiedBelow(selectionSet, found, { known, moment }))
    );
  });
}

function isSatisfiedBelow(
  set: SelectionSetNode,
  found: readonly SentField[],
  { known, moment }: { known: Known; moment: Moment },
): boolean {
  const sent = found.flatMap(({ selections = [] }) => selections);
  const places = found.map(({ key }) => known.entries.get(key)?.below ?? new Map<string, Known>());
  return places.every((place) =>
    [...place].every(([type, below]) => satisfies(set, { type, known: below, sent }, moment)),
  );
}
