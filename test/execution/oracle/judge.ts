import {
  execute,
  isListType,
  isNonNullType,
  Kind,
  responsePathAsArray,
  type ExecutionResult,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
} from "graphql";
import type { Operation } from "../../../gateway/execution/engine.ts";
import type { Received } from "./contenders.ts";
import type { FaultKind, FaultLog } from "./faults.ts";
import { parseExact, stringifyExact } from "./json.ts";
import type { Thing, World } from "./world.ts";

type Path = readonly (string | number)[];
interface Place {
  thing: Thing;
  field: string;
  type: GraphQLOutputType;
  /** Whether the object's own type is stricter than the interface that it may be known by. */
  isStricter: boolean;
  value: unknown;
}

/** What one server with the whole schema says, and of which object each place of the answer is. */
export interface Truth {
  result: Received;
  places: ReadonlyMap<string, Place>;
  mutations: readonly string[];
}

export async function truthOf(world: World, { document, variables }: Operation): Promise<Truth> {
  const places = new Map<string, Place>();
  const mutations: string[] = [];
  const result: ExecutionResult = await execute({
    schema: world.schema,
    document,
    variableValues: variables,
    fieldResolver: (source: Thing | undefined, args: Record<string, unknown>, _context, info) => {
      const thing = source ?? { type: info.parentType.name, n: 0 };
      if (!source && info.parentType.name === "Mutation") mutations.push(info.fieldName);
      const path = responsePathAsArray(info.path);
      const value = world.value(thing, info.fieldName, args);
      const type = promisedType(info);
      const isStricter = type !== info.returnType;
      places.set(keyOf(path), { thing, field: info.fieldName, type, isStricter, value });
      return value;
    },
    typeResolver: ({ type }: Thing) => type,
  });
  return { result: parseExact(stringifyExact(result)) as Received, places, mutations };
}

/** What a client may count on that knows an object by an interface only: there the field may be more lenient. */
function promisedType({ parentType, fieldName, returnType }: GraphQLResolveInfo): GraphQLOutputType {
  const promises = parentType.getInterfaces().flatMap((each) => each.getFields()[fieldName]?.type ?? []);
  return promises.find((type) => String(type) !== String(returnType)) ?? returnType;
}

const keyOf = (path: Path): string => path.join("/");
const isWithin = (path: Path, inner: Path): boolean => path.every((key, depth) => inner[depth] === key);
const related = (one: Path, other: Path): boolean => isWithin(one, other) || isWithin(other, one);

/** What is wrong with an answer, in sentences; nothing when it is right. */
export function judge(
  answer: Received,
  truth: Truth,
  { world, faults, inParts }: { world: World; faults: FaultLog; inParts: boolean },
): string[] {
  const wrong: string[] = [];
  const losses: Path[] = [];
  const expected = truth.result;
  if (expected.errors || expected.data === undefined) return judgeRefusal(answer, expected);
  const why = createExplainer(world, truth, faults);
  compare(expected.data, answer.data, []);
  const errors = answer.errors ?? [];
  if (faults.isEmpty() && errors.length > 0)
    wrong.push(`errors although nothing failed: ${errors[0]?.message}`);
  if (wrong.length === 0) for (const path of losses) judgeLoss(path);
  const told = new Set<string>();
  for (const { message, path } of errors) judgeError(message, path);
  return wrong;

  function compare(right: unknown, given: unknown, path: Path): void {
    if (given === right) return;
    if (given === null || (given === undefined && inParts)) return void losses.push(path);
    if (Array.isArray(right) && Array.isArray(given) && right.length === given.length) {
      for (const [index, each] of right.entries()) compare(each, given[index], [...path, index]);
    } else if (isObject(right) && isObject(given)) {
      for (const key of Object.keys(right)) compare(right[key], given[key], [...path, key]);
      compareNames(right, given, path);
    } else if (!isMadeOfFaults(path)) {
      wrong.push(`${keyOf(path) || "data"} is ${show(given)} instead of ${show(right)}`);
    }
  }

  function compareNames(right: object, given: object, path: Path): void {
    const more = Object.keys(given).filter((key) => !Object.hasOwn(right, key));
    if (more.length > 0) wrong.push(`${keyOf(path)} has ${more.join()}, which nobody asked for`);
    const [ours, theirs] = [given, right].map((object) => Object.keys(object).join());
    if (!inParts && ours !== theirs)
      wrong.push(`${keyOf(path)} is in the order ${ours} instead of ${theirs}`);
  }

  /** Whether a value is made of others that were a null without an error, or no value of their type. */
  function isMadeOfFaults(path: Path): boolean {
    const place = truth.places.get(keyOf(path));
    const isMade = place && world.model.facts[`${place.thing.type}.${place.field}`]?.requires;
    return isMade !== undefined && why(path).self.some((kind) => kind !== "loud");
  }

  function judgeLoss(path: Path): void {
    const at = keyOf(path) || "data";
    // A part that comes later is null as a whole, wherever in it the reason is.
    const around = inParts ? path.slice(0, -1) : path;
    const hasError = errors.some((error) => error.path && related(error.path, around));
    const self = [...why(path).self, ...why(around).self];
    const below = why(around).below;
    // Where an interface allows a null, nobody knows that the object's own type does not.
    const isAllowed = truth.places.get(at)?.isStricter === true && self.includes("lie");
    const isTakenAtItsWord = self.includes("silent") || isAllowed;
    if (self.length === 0 && below.length === 0) wrong.push(`${at} is null, and no fault explains it`);
    else if (!hasError && !isTakenAtItsWord) wrong.push(`${at} is null, and no error says why`);
    if (!inParts && isNonNullType(typeAt(path, truth))) wrong.push(`${at} is null, which its type forbids`);
  }

  function judgeError(message: string, path: Path | undefined): void {
    const said = `the error ${JSON.stringify(message)}`;
    if (!path) return void wrong.push(`${said} has no path`);
    const at = keyOf(path);
    if (told.has(`${at} ${message}`)) wrong.push(`${said} at ${at} comes twice`);
    told.add(`${at} ${message}`);
    if (!exists(expected.data, path)) wrong.push(`${said} is at ${at}, which is no place of the answer`);
    else if (!inParts && !isNullAt(answer.data, path) && !losses.some((loss) => isWithin(path, loss)))
      wrong.push(`${said} is at ${at}, where nothing is null`);
  }
}

function judgeRefusal(answer: Received, expected: Received): string[] {
  const isRefused = (answer.errors?.length ?? 0) > 0 && (answer.data ?? null) === null;
  return isRefused ? [] : [`answered although it is wrong: ${expected.errors?.[0]?.message}`];
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const show = (value: unknown): string =>
  value === undefined ? "missing" : stringifyExact(value).slice(0, 200);

function exists(data: unknown, path: Path): boolean {
  let at = data;
  for (const key of path) {
    // Below what is null in truth nobody knows better.
    if (at === null) return true;
    if (typeof at !== "object" || !Object.hasOwn(at, key)) return false;
    at = Reflect.get(at, key);
  }
  return true;
}

function isNullAt(data: unknown, path: Path): boolean {
  let at = data;
  for (const key of path) {
    if (at === null || at === undefined) return true;
    at = typeof at === "object" ? Reflect.get(at, key) : undefined;
  }
  return at === null || at === undefined;
}

function typeAt(path: Path, { places }: Truth): GraphQLOutputType | undefined {
  const indexes = path.length - 1 - path.findLastIndex((key) => typeof key === "string");
  let type = places.get(keyOf(path.slice(0, path.length - indexes)))?.type;
  for (let depth = 0; depth < indexes && type; depth++) {
    if (isNonNullType(type)) type = type.ofType;
    type = isListType(type) ? (type.ofType as GraphQLOutputType) : undefined;
  }
  return type;
}

type Hits = FaultKind[];

/** Which faults may have made a null: of the place, of what leads to it, and of what is below it. */
function createExplainer(world: World, { places }: Truth, faults: FaultLog) {
  const { facts, subgraphs } = world.model;
  const ofThing = ({ type, n }: Thing, field: string): Hits => {
    const keys = Object.keys(facts)
      .filter((coordinate) => coordinate.startsWith(`${type}.`) && facts[coordinate]?.isKey)
      .map((coordinate) => coordinate.slice(type.length + 1));
    const direct = [field, ...keys, ...subgraphs.map(({ name }) => `@${name}`)].flatMap((each) =>
      faults.at(type, n, each),
    );
    const hits = [...direct, ...(keys.includes("org") ? faults.at("Org", world.code(type, n), "id") : [])];
    const requires = facts[`${type}.${field}`]?.requires;
    const needed = requires ? needs({ type, n }, requires) : [];
    return [...hits, ...needed, ...besides({ type, n }, requires ? undefined : field)];
  };
  /** Whether one subgraph can be asked for both fields of an object at once. */
  const comeTogether = (type: string, one: string, other: string): boolean =>
    subgraphs.some(({ types }) => {
      const fields = types.find(({ name }) => name === type)?.fields ?? [];
      const isSaid = (field: string) => fields.some(({ name, isExternal }) => name === field && !isExternal);
      return isSaid(one) && isSaid(other);
    });
  /**
   * What may have taken a field, or the inputs of a field, with it: what is required of the object and may not be null. Where a
   * subgraph was asked for it beside them, the whole object is null there.
   */
  const besides = ({ type, n }: Thing, beside: string | undefined): Hits => {
    const asked = [...places.values()].filter(({ thing }) => thing.type === type && thing.n === n);
    const inputs = asked.flatMap(({ field }) => {
      const requires = facts[`${type}.${field}`]?.requires;
      return requires ? world.selection(requires).selections : [];
    });
    return inputs.flatMap((each) => {
      if (each.kind !== Kind.FIELD) return [];
      const name = each.name.value;
      if (beside !== undefined && !comeTogether(type, beside, name)) return [];
      return facts[`${type}.${name}`]?.type.endsWith("!") ? faults.at(type, n, name) : [];
    });
  };
  const needs = (thing: Thing, requires: string): Hits =>
    world.selection(requires).selections.flatMap((selection) => {
      if (selection.kind !== Kind.FIELD) return [];
      const field = selection.name.value;
      const below = (selection.selectionSet?.selections ?? []).flatMap((each) =>
        each.kind === Kind.FIELD ? [each.name.value] : [],
      );
      const things = below.length > 0 ? [world.required(thing, selection)].flat(3) : [];
      const within = things.flatMap((each) =>
        isObject(each) ? below.flatMap((name) => ofThing(each as unknown as Thing, name)) : [],
      );
      return [...ofThing(thing, field), ...within];
    });
  /** What may have kept subgraphs from saying anything of the objects that a field is, even their type. */
  const asEntities = (value: unknown): Hits =>
    [value].flat(3).flatMap((each) => {
      if (!isObject(each) || !("n" in each)) return [];
      return ofThing(each as unknown as Thing, "__typename");
    });
  return (path: Path): { self: Hits; below: Hits } => {
    const self: Hits = [];
    const below: Hits = [];
    for (let length = 1; length <= path.length; length++) {
      const place = places.get(keyOf(path.slice(0, length)));
      if (place) self.push(...ofThing(place.thing, place.field));
    }
    const at = keyOf(path);
    for (const [key, { thing, field, value }] of places) {
      if (at !== "" && key !== at && !key.startsWith(`${at}/`) && !at.startsWith(`${key}/`)) continue;
      below.push(...asEntities(value));
      if (at === "" || key.startsWith(`${at}/`)) below.push(...ofThing(thing, field));
    }
    return { self, below };
  };
}
