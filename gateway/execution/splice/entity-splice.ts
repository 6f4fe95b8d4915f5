import { askText } from "../request.ts";
import type { EntityTexts, Piece } from "./entity-texts.ts";
import type { Run } from "../run.ts";

const DATA = '{"data":';
const ENTITIES = '{"data":{"_entities":[';
const END = "]}}";

/** A fetch, then the entities in it: the fields of the second are put into the objects of the first. */
export function compileEntitySplice(texts: EntityTexts): (run: Run) => Promise<string | undefined> {
  const { requests, whole, received, pieces, variable } = texts;

  return async (run) => {
    const text = await askText(run, requests[0]);
    if (text === undefined || !whole.test(text)) return undefined;
    const wanted = findEntities(text, texts);
    if (!wanted) return undefined;
    const { found, representations } = wanted;
    if (found.length === 0) return text.slice(DATA.length, -1);
    const answer = await askText(run, requests[1], [{ variable, text: `[${representations.join(",")}]` }]);
    const entities = answer && splitEntities(answer, representations.length, received);
    if (!entities) return undefined;
    let data = "";
    let at = DATA.length;
    for (const { match, nth } of found) {
      data += text.slice(at, match.index) + entityText(pieces, match, entities[nth]);
      at = match.index + match[0].length;
    }
    return data + text.slice(at, -1);
  };
}

/** The entities in the first answer, and each different one as it is asked for; undefined when nobody can tell. */
function findEntities(text: string, { each, head, required, isSentAsFound }: EntityTexts) {
  const found: { match: RegExpExecArray; nth: number }[] = [];
  const distinct = new Map<string, number>();
  each.lastIndex = 0;
  for (let match = each.exec(text); match; match = each.exec(text)) {
    // An escape could be written in two ways, and this has to be what the general way would send.
    const [whole] = match;
    if (whole.includes("\\")) return undefined;
    const representation = isSentAsFound ? whole : written(match, head, required);
    const nth = distinct.get(representation) ?? distinct.size;
    distinct.set(representation, nth);
    found.push({ match, nth });
  }
  return { found, representations: [...distinct.keys()] };
}

function written(match: RegExpExecArray, head: string, required: EntityTexts["required"]): string {
  let representation = head;
  for (const { prefix, group } of required) representation += prefix + (match[group] ?? "");
  return `${representation}}`;
}

/** The pieces of each entity from their first group on, if all of them are what was asked for. */
function splitEntities(text: string, count: number, pattern: RegExp): RegExpExecArray[] | undefined {
  if (!text.startsWith(ENTITIES)) return undefined;
  const entities: RegExpExecArray[] = [];
  let at = ENTITIES.length;
  for (let index = 0; index < count; index++) {
    if (index > 0 && text[at++] !== ",") return undefined;
    pattern.lastIndex = at;
    const entity = pattern.exec(text);
    if (!entity) return undefined;
    entities.push(entity);
    at = pattern.lastIndex;
  }
  return text.length === at + END.length && text.endsWith(END) ? entities : undefined;
}

function entityText(
  pieces: readonly Piece[],
  first: RegExpExecArray,
  second: RegExpExecArray | undefined,
): string {
  let text = "";
  let separator = "{";
  for (const { prefix, local, remote } of pieces) {
    text += separator + prefix;
    if (local !== undefined) text += first[local];
    if (remote !== undefined) text += second?.[remote];
    separator = ",";
  }
  return `${text}}`;
}
