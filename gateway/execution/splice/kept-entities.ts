import { TypeNameMetaFieldDef } from "graphql";
import { define, isJsonObject, KeptText, parseJson, type JsonObject } from "../json.ts";
import type { ReadAnswer } from "../request.ts";
import type { ObjectShape } from "./object-shape.ts";
import { fieldPatterns } from "./patterns.ts";

const BEFORE = '"data":{"_entities":[';
const NULL = "null";

/**
 * Reads an answer in which some entities are null or have errors: those are values as in any other answer, the fields of
 * all others stay text. Undefined for an answer that does not have the form that the client asked for.
 */
export function readerOfEntities(shape: ObjectShape): ReadAnswer {
  const fields = fieldPatterns(shape);
  const pattern = new RegExp(
    String.raw`\{${fields.map(({ name, value }) => `${name}(${value})`).join(",")}\}`,
    "y",
  );
  const keep = (texts: RegExpExecArray): JsonObject => {
    const entity: JsonObject = {};
    for (const [index, { key }] of fields.entries()) define(entity, key, kept(key, texts[index + 1]));
    return entity;
  };
  return (text) => {
    const start = text.indexOf(BEFORE) + BEFORE.length;
    if (start < BEFORE.length) return undefined;
    const entities: (RegExpExecArray | null)[] = [];
    let at = start;
    while (text[at] !== "]") {
      if (at > start && text[at++] !== ",") return undefined;
      pattern.lastIndex = at;
      const entity = pattern.exec(text);
      if (!entity && !text.startsWith(NULL, at)) return undefined;
      entities.push(entity);
      at += entity ? entity[0].length : NULL.length;
    }
    // What stands around them shows that this is all that there is of data.
    const around = parseJson(text.slice(0, start) + text.slice(at));
    if (!isJsonObject(around) || !isEmptyAnswer(around["data"])) return undefined;
    const named = entitiesWithErrors(around["errors"]);
    const valueOf = (entity: RegExpExecArray | null, nth: number) => {
      if (!entity) return null;
      return named.has(nth) ? parseJson(entity[0]) : keep(entity);
    };
    return { ...around, data: { _entities: entities.map(valueOf) } };
  };
}

function kept(key: string, text = NULL): unknown {
  // Others ask for the type of an object.
  if (key === TypeNameMetaFieldDef.name) return parseJson(text);
  return text === NULL ? null : new KeptText(text);
}

const isEmptyAnswer = (data: unknown): boolean => JSON.stringify(data) === '{"_entities":[]}';

/** The positions of the entities that errors speak of. */
function entitiesWithErrors(errors: unknown): ReadonlySet<unknown> {
  const paths = Array.isArray(errors) ? errors.map((error) => isJsonObject(error) && error["path"]) : [];
  return new Set(paths.map((path) => Array.isArray(path) && path[1]));
}
