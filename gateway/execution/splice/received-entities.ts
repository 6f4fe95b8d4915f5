import type { Fault } from "../faults.ts";
import { isJsonObject, parseJson } from "../json.ts";
import type { Path } from "../payload.ts";
import { faultsOf, isPath, unknownEntity } from "../receive.ts";
import type { SubgraphError } from "../request.ts";
import type { Run } from "../run.ts";

/** What a subgraph answered for entities. */
export interface ReceivedEntities {
  /** The pieces of each, in the order of the representations; null for one that failed. */
  entities: readonly (RegExpExecArray | null)[];
  /** What went wrong, by the position of the entity; undefined where nothing did. */
  failures: ReadonlyMap<number, EntityFailure> | undefined;
}

/** What went wrong with an entity. */
interface EntityFailure {
  /** Why there is none. */
  missing?: Fault;
  /** Why something in it is null, by its place: the way to the null, and on from there to where it happened. */
  inside: Map<string, { fault: Fault; way: Path; rest: Path }>;
}

const ALIAS = "_entities";
const BEFORE = `"data":{"${ALIAS}":[`;
const HEAD = `{${BEFORE}`;
const END = "]}}";
const NULL = "null";

/** How entities are asked for. */
interface Asked {
  subgraph: string;
  typeName: string;
  count: number;
  /** An entity in the text, with its pieces. */
  pattern: RegExp;
}

/**
 * Reads an answer for entities, and parses only what it says of those that are null or have errors. Undefined where more would
 * have to be known: a value that is not in the form that was asked for, an error that is about no null of an entity.
 */
export function readEntities(run: Run, text: string, asked: Asked): ReceivedEntities | undefined {
  const start = text.startsWith(HEAD) ? HEAD.length : text.indexOf(BEFORE) + BEFORE.length;
  const list = start < BEFORE.length ? undefined : readList(text, start, asked.pattern);
  if (list?.entities.length !== asked.count) return undefined;
  const { entities, anyNull, end } = list;
  const isWhole = start === HEAD.length && text.length === end + END.length && text.endsWith(END);
  if (isWhole && !anyNull) return { entities, failures: undefined };
  const errors = errorsIn(text.slice(0, start) + text.slice(end));
  const places = errors && placesOf(errors, entities);
  return places && { entities, failures: failuresOf(run, { errors, places, entities }, asked) };
}

function failuresOf(
  run: Run,
  {
    errors,
    places,
    entities,
  }: {
    errors: readonly SubgraphError[];
    places: readonly ErrorPlace[];
    entities: ReceivedEntities["entities"];
  },
  { subgraph, typeName }: Asked,
): ReceivedEntities["failures"] {
  const failures = new Map<number, EntityFailure>();
  const failureOf = (nth: number): EntityFailure => {
    const failure = failures.get(nth) ?? { inside: new Map() };
    failures.set(nth, failure);
    return failure;
  };
  for (const [index, { fault }] of faultsOf(run, subgraph, errors).entries()) {
    const place = places[index];
    if (place) note(fault, place, failureOf(place.nth));
  }
  for (const [nth, entity] of entities.entries())
    if (!entity) failureOf(nth).missing ??= unknownEntity(run, subgraph, typeName);
  return failures;
}

/** The first fault at a place is told, as in every answer. */
function note(fault: Fault, { way, rest }: ErrorPlace, failure: EntityFailure): void {
  const key = String(way);
  const isKnown = way ? failure.inside.has(key) : failure.missing !== undefined;
  if (isKnown) fault.isSettled = true;
  else if (way) failure.inside.set(key, { fault, way, rest });
  else failure.missing = fault;
}

/** What there is when the subgraph gave no answer. */
export function readNothing(fault: Fault, count: number): ReceivedEntities {
  const positions = Array.from({ length: count }, (_, nth) => nth);
  return {
    entities: positions.map(() => null),
    failures: new Map(positions.map((nth) => [nth, { missing: fault, inside: new Map() }])),
  };
}

/** The entities from a position in the text up to the end of their list; undefined when there is something else. */
function readList(text: string, start: number, pattern: RegExp) {
  const entities: (RegExpExecArray | null)[] = [];
  let anyNull = false;
  let at = start;
  while (text[at] !== "]") {
    if (at > start && text[at++] !== ",") return undefined;
    pattern.lastIndex = at;
    const entity = pattern.exec(text);
    if (!entity && !text.startsWith(NULL, at)) return undefined;
    anyNull ||= !entity;
    entities.push(entity);
    at = entity ? pattern.lastIndex : at + NULL.length;
  }
  return { entities, anyNull, end: at };
}

/** The errors of an answer without its entities, if that is all there is. */
function errorsIn(text: string): SubgraphError[] | undefined {
  let answer: unknown;
  try {
    answer = parseJson(text);
  } catch {
    return undefined;
  }
  if (!isJsonObject(answer)) return undefined;
  const { data, errors = [], ...others } = answer;
  if (Object.keys(others).length > 0 || JSON.stringify(data) !== `{"${ALIAS}":[]}`) return undefined;
  return Array.isArray(errors) && errors.every(isJsonObject) ? errors : undefined;
}

/** An entity that an error is about, and the way to a null in it; without one for an entity that is null itself. */
interface ErrorPlace {
  nth: number;
  way?: Path;
  rest: Path;
}

/** Undefined when one of the errors is about anything else. */
function placesOf(
  errors: readonly SubgraphError[],
  entities: ReceivedEntities["entities"],
): ErrorPlace[] | undefined {
  const parsed = new Map<number, unknown>();
  const valueOf = (nth: number, { 0: text }: RegExpExecArray): unknown => {
    if (!parsed.has(nth)) parsed.set(nth, parseJson(text));
    return parsed.get(nth);
  };
  const places: ErrorPlace[] = [];
  for (const { path } of errors) {
    if (!isPath(path)) return undefined;
    const [alias, nth, ...inside] = path;
    const entity = typeof nth === "number" ? entities[nth] : undefined;
    if (alias !== ALIAS || typeof nth !== "number" || entity === undefined) return undefined;
    const toNull = entity && lengthToNull(valueOf(nth, entity), inside);
    if (toNull === undefined) return undefined;
    places.push(
      toNull === null ? { nth, rest: [] } : { nth, way: inside.slice(0, toNull), rest: inside.slice(toNull) },
    );
  }
  return places;
}

/** How many steps of a path lead to a null; undefined when there is something. */
function lengthToNull(value: unknown, path: Path): number | undefined {
  let container = value;
  for (const [index, key] of path.entries()) {
    if (typeof container !== "object" || container === null || !Object.hasOwn(container, key))
      return undefined;
    container = Reflect.get(container, key);
    if (container === null) return index + 1;
  }
  return undefined;
}
