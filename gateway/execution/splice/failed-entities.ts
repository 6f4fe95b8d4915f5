import { isListType, isNonNullType, type GraphQLOutputType } from "graphql";
import type { Faults } from "../faults.ts";
import type { SelectedField } from "../selections.ts";
import { entityText, localText, type EntityTexts, type Found, type Piece } from "./entity-texts.ts";
import { NotSpliceable, shapeBelow, type ObjectShape } from "./object-shape.ts";
import { fieldPatterns } from "./patterns.ts";
import type { ReceivedEntities } from "./received-entities.ts";

/*
 * An entity that failed is null where it stands, and what may not be null goes with it, as far up as the schema asks for. Here
 * the way to the entities is gone through in the text: all beside it is copied.
 */

/** An answer that is being written. */
interface Writing {
  /** What holds the entities; it is known to be in the form that was asked for. */
  text: string;
  /** How far it has been written. */
  at: number;
  /** The entities in it, and how many of them have been written. */
  found: readonly Found[];
  written: number;
  received: ReceivedEntities;
  faults: Faults;
  /** Where the writer stands; only as far as the writer says. */
  path: (string | number)[];
  /** Whether what is being written is lost already: a null further up will tell of that. */
  isLost: boolean;
}

/** The text of a value that is there; undefined for one that is null now. */
type Write = (writing: Writing) => string | undefined;

/** Writes `data` anew from where it begins in the text. */
export type WriteAround = (asked: Pick<Writing, "text" | "at" | "found" | "received" | "faults">) => string;

export function compileAround({ client, path, pieces }: EntityTexts): WriteAround {
  const write = objectWriter(client, path, { depth: 0, pieces });
  return (asked) => {
    const { received, faults } = asked;
    const data = write({ ...asked, written: 0, path: [], isLost: false });
    if (data === undefined) faults.endsAt([]);
    // What is lost with something else is told by that.
    for (const { missing, inside } of received.failures?.values() ?? [])
      for (const fault of [missing, ...Array.from(inside.values(), (each) => each.fault)])
        if (fault?.places.length === 0) fault.isSettled = true;
    return data ?? "null";
  };
}

interface Place {
  /** The length of the path that leads to the value. */
  depth: number;
  pieces: readonly Piece[];
}

/** A value that may be null, or takes along what it stands in. */
interface Child {
  isNonNull: boolean;
  write: Write;
}

function childOf(
  type: GraphQLOutputType,
  path: readonly string[],
  { field, shape, ...place }: Place & { field: SelectedField; shape: ObjectShape },
): Child {
  const isNonNull = isNonNullType(type);
  const present = isNonNull ? type.ofType : type;
  const [step, ...rest] = path;
  if (isListType(present)) {
    // Lists in lists are one for the planner.
    const child = childOf(present.ofType, step === "@" ? rest : path, {
      ...place,
      depth: place.depth + 1,
      field,
      shape,
    });
    return { isNonNull, write: listWriter(child, place.depth) };
  }
  const below = shapeBelow(field, shape.scope);
  if (!below) throw new NotSpliceable("a leaf on the way to entities");
  const write = step === undefined ? entityWriter(below, place) : objectWriter(below, path, place);
  return { isNonNull, write };
}

function objectWriter(shape: ObjectShape, [key, ...path]: readonly string[], place: Place): Write {
  const index = shape.fields.findIndex((field) => field.key === key);
  const field = shape.fields[index];
  if (!field) throw new NotSpliceable("entities outside of the operation");
  const texts = fieldPatterns(shape).map(({ name, value }) => name + value);
  const name = fieldPatterns(shape)[index]?.name ?? "";
  const before = new RegExp(String.raw`\{${[...texts.slice(0, index), name].join(",")}`, "y");
  const after = new RegExp(
    String.raw`${texts
      .slice(index + 1)
      .map((text) => `,${text}`)
      .join("")}\}`,
    "y",
  );
  const child = childOf(field.type, path, { ...place, depth: place.depth + 1, field, shape });
  return (writing) => {
    const head = take(before, writing);
    writing.path[place.depth] = field.key;
    const own = writeChild(child, place.depth, writing);
    const tail = take(after, writing);
    return own === undefined ? undefined : head + own + tail;
  };
}

function listWriter(child: Child, depth: number): Write {
  return (writing) => {
    const { text } = writing;
    const elements: string[] = [];
    let isLost = false;
    // Behind the bracket, then behind the comma after each element.
    writing.at += 1;
    while (text[writing.at] !== "]") {
      writing.path[depth] = elements.length;
      const own = writeChild(child, depth, writing);
      isLost ||= own === undefined;
      elements.push(own ?? "null");
      if (text[writing.at] === ",") writing.at += 1;
    }
    writing.at += 1;
    return isLost ? undefined : `[${elements.join(",")}]`;
  };
}

/** The text of a value with what became of it; undefined where what it stands in is lost with it. */
function writeChild({ isNonNull, write }: Child, depth: number, writing: Writing): string | undefined {
  if (writing.text.startsWith("null", writing.at)) {
    writing.at += "null".length;
    return "null";
  }
  const wasLost = writing.isLost;
  const own = write(writing);
  if (own !== undefined || isNonNull) return own;
  if (!wasLost) writing.faults.endsAt(writing.path.slice(0, depth + 1));
  writing.isLost = wasLost;
  return "null";
}

function entityWriter({ type }: ObjectShape, { depth, pieces }: Place): Write {
  return (writing) => {
    const { found, received, faults } = writing;
    const { match, nth } = found[writing.written++] ?? unexpected();
    writing.at += match[0].length;
    if (writing.isLost) return undefined;
    const { missing, inside } = received.failures?.get(nth) ?? {};
    const place = writing.path.slice(0, depth);
    if (!missing) {
      for (const { fault, way, rest } of inside?.values() ?? [])
        faults.tellAt(fault, [...place, ...way], rest);
      return entityText(pieces, match, received.entities[nth]);
    }
    const nothing = pieces.map((piece) => {
      if (!piece.fields) return localText(piece, match);
      return piece.fields.map((field) => {
        const name = `${JSON.stringify(field.key)}:`;
        if (field.isTypename) return `${name}${JSON.stringify(type.name)}`;
        if (writing.isLost) return "";
        faults.tellAt(missing, [...place, field.key]);
        if (isNonNullType(field.type)) writing.isLost = true;
        else faults.endsAt([...place, field.key]);
        return `${name}null`;
      });
    });
    return writing.isLost ? undefined : `{${nothing.flat().join(",")}}`;
  };
}

/**
 * The text that a pattern finds where the writer stands, which goes on behind it. The whole answer has been found to be in its form by
 * a pattern that takes more of the engine's stack than this part of it.
 */
function take(pattern: RegExp, writing: Writing): string {
  pattern.lastIndex = writing.at;
  const [text] = pattern.exec(writing.text) ?? unexpected();
  writing.at += text.length;
  return text;
}

function unexpected(): never {
  throw new Error("an answer is not in the form that it was found to have");
}
