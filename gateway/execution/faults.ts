import type { GraphQLError } from "graphql";
import { isCodedError } from "../../lib/errors.ts";
import { codedExtensions, wordsOf } from "../../lib/graphql-errors.ts";
import type { Path } from "./payload.ts";
import type { Locate } from "./client-path.ts";
import { isJsonObject } from "./json.ts";

/** Something that went wrong, and what clients were told of it. */
export interface Fault {
  message: string;
  extensions: Readonly<Record<string, unknown>>;
  /** Where the client misses something because of it; at most so many, the rest is counted. */
  places: FaultPlace[];
  /** How many places there are beside those. */
  more: number;
  /** Whether there is nothing more to say about it. */
  isSettled: boolean;
  /** Where the subgraph says that it happened, as far as it says so. */
  origin: { object: object; rest: Path } | undefined;
}

/** A place in the answer, and the way on from there under the names of the data. */
interface FaultPlace {
  path: Path;
  rest: Path;
}

/** A fault at a field or an element that is null, or further down where nothing is. */
interface Placed {
  fault: Fault;
  /** The way from there to where it happened. */
  rest: Path;
}

/** Places that are listed for one fault. */
const MOST_PATHS = 20;

/**
 * What went wrong in one execution. A fault is noted at the object that it happened in; where that object stands in the
 * answer is found out by whoever writes the answer, and that is the path that the client gets.
 */
export class Faults {
  readonly #all: Fault[] = [];
  readonly #shared = new Map<string, Fault>();
  readonly #places = new Map<object, Map<string | number, Placed[]>>();
  readonly #missing = new Map<object, { fault: Fault; keys: ReadonlySet<string> }[]>();
  readonly #nulls: Path[] = [];

  /** Whether nothing went wrong. */
  get isEmpty(): boolean {
    return this.#all.length === 0;
  }

  /** Whether anything stood in the way of something. */
  get anyNoted(): boolean {
    return this.#places.size > 0 || this.#missing.size > 0;
  }

  add(message: string, extensions: Fault["extensions"]): Fault {
    const fault = { message, extensions, places: [], more: 0, isSettled: false, origin: undefined };
    this.#all.push(fault);
    return fault;
  }

  /** A fault that is told once with all its places, however often it comes. */
  shared(message: string, extensions: Fault["extensions"]): Fault {
    const key = `${String(extensions["serviceName"])}\n${message}`;
    const fault = this.#shared.get(key) ?? this.add(message, extensions);
    this.#shared.set(key, fault);
    return fault;
  }

  /** A subgraph that gave no answer. */
  outage(subgraph: string, failure: unknown): Fault {
    if (!isCodedError(failure)) return this.shared("A subgraph failed", { serviceName: subgraph });
    const extensions = { ...codedExtensions(failure), serviceName: subgraph };
    const known = [...this.#shared.values()].find(
      (fault) => fault.extensions["serviceName"] === subgraph && fault.extensions["code"] === failure.code,
    );
    return known ?? this.shared(failure.message, extensions);
  }

  /** Notes a fault of a subgraph below an object, along the path that the subgraph names. */
  place(fault: Fault, object: object, path: Path): void {
    fault.origin ??= { object, rest: path };
    let container = object;
    for (const [depth, key] of path.entries()) {
      const next: unknown = Reflect.get(container, key);
      if (depth === path.length - 1 || typeof next !== "object" || next === null) {
        const places = this.#places.get(container) ?? new Map<string | number, Placed[]>();
        this.#places.set(container, places);
        const here = places.get(key) ?? [];
        places.set(key, here);
        here.push({ fault, rest: path.slice(depth + 1) });
        return;
      }
      container = next;
    }
  }

  /** Notes that an object got nothing of what it was to get. */
  miss(fault: Fault, object: object, keys: ReadonlySet<string>): void {
    fault.origin ??= { object, rest: [] };
    const known = this.#missing.get(object);
    if (known) known.push({ fault, keys });
    else this.#missing.set(object, [{ fault, keys }]);
  }

  /** Why a field of an object, or an element of a list, is not there. */
  causeOf(container: object, key: string | number): Fault | undefined {
    return (
      this.#places.get(container)?.get(key)?.[0]?.fault ??
      this.#missing.get(container)?.find(({ keys }) => keys.has(String(key)))?.fault
    );
  }

  /** Tells the client of what stands in the way of a field; false when nothing is known. */
  tell(container: object, key: string | number, path: Path): boolean {
    const [placed, ...others] = this.#places.get(container)?.get(key) ?? [];
    if (placed) {
      note(placed.fault, path, placed.rest);
      for (const { fault } of others) fault.isSettled = true;
      return true;
    }
    const missing = this.#missing.get(container)?.find(({ keys }) => keys.has(String(key)));
    if (missing) note(missing.fault, path);
    return missing !== undefined;
  }

  /** Tells the client of a fault at a null, for who knows where that stands; `rest` leads on to where it happened. */
  tellAt(fault: Fault, path: Path, rest: Path = []): void {
    note(fault, path, rest);
  }

  /** Tells the client of something that is wrong with the answer of a subgraph. */
  tellWrong(message: string, path: Path): void {
    note(this.shared(message, { code: "SUBGRAPH_MALFORMED" }), path);
  }

  /** Notes that the answer ends at a place; what happened below has been told by then. */
  endsAt(path: Path): void {
    this.#nulls.push(path);
  }

  /** All errors that the client gets, those without a place in the answer last. */
  errors(data: unknown, locate: Locate): GraphQLError[] {
    const errors: GraphQLError[] = [];
    // Two requests may have failed in the same words at what is one place of the answer.
    const told = new Set<string>();
    const tell = (error: GraphQLError): void => {
      const key = JSON.stringify([error.message, error.path]);
      // The count of further places is told, whatever else is.
      if (!told.has(key) || error.extensions["morePlaces"] !== undefined) errors.push(error);
      told.add(key);
    };
    for (const { message, extensions, places, more } of this.#all) {
      for (const [index, { path, rest }] of places.entries()) {
        const isLast = index === places.length - 1;
        const counted = isLast && more > 0 ? { ...extensions, morePlaces: more } : extensions;
        const whole = rest.length === 0 ? path : locate(path, rest).path;
        tell(wordsOf(message, { path: whole, extensions: counted }));
      }
    }
    for (const fault of this.#all) {
      const error = fault.places.length > 0 ? undefined : this.#untold(fault, { data, locate });
      if (error) tell(error);
    }
    return errors;
  }

  /** The error for a fault that no null of the answer tells of; undefined for nothing that the client misses. */
  #untold(
    { message, extensions, origin, isSettled }: Fault,
    { data, locate }: { data: unknown; locate: Locate },
  ): GraphQLError | undefined {
    // The object is there without a null for this: the value came from elsewhere, or was not needed.
    if (isSettled || (origin && isThere(origin))) return undefined;
    const way = origin && pathTo(data, origin);
    if (!way) return wordsOf(message, { extensions });
    const { path, isWhole } = locate([], way);
    // What the client did not ask for is nothing that it misses.
    const isBelowNull = this.#nulls.some((end) => end.every((step, depth) => path[depth] === step));
    if (!isWhole || isBelowNull) return undefined;
    return wordsOf(message, { ...(path.length > 0 && { path }), extensions });
  }
}

function note(fault: Fault, path: Path, rest: Path = []): void {
  if (fault.places.length < MOST_PATHS) fault.places.push({ path, rest });
  else fault.more += 1;
}

/** Whether nothing is missing where a fault happened: another request brought it. */
function isThere({ object, rest }: { object: object; rest: Path }): boolean {
  let value: unknown = object;
  for (const key of rest) {
    if (typeof value !== "object" || value === null) return false;
    value = Reflect.get(value, key);
  }
  return value !== undefined && value !== null;
}

/** The way to an object in the data, under its own names; undefined for nothing to say. */
function pathTo(data: unknown, { object, rest }: { object: object; rest: Path }): Path | undefined {
  const find = (value: unknown): Path | undefined => {
    if (value === object) return [];
    if (!Array.isArray(value) && !isJsonObject(value)) return undefined;
    for (const [key, inner] of Object.entries(value)) {
      if (typeof inner !== "object" || inner === null) continue;
      const below = find(inner);
      if (below) return [Array.isArray(value) ? Number(key) : key, ...below];
    }
    return undefined;
  };
  const way = find(data);
  return way && [...way, ...rest];
}
