import { lazily } from "../receive.ts";
import { askText, type TextAnswer } from "../request.ts";
import { entityText, type EntityTexts, type Found } from "./entity-texts.ts";
import type { Run } from "../run.ts";
import { compileAround } from "./failed-entities.ts";
import { readEntities, readNothing, type ReceivedEntities } from "./received-entities.ts";

const DATA = '{"data":';

/** A fetch, then the entities in it: the fields of the second are put into the objects of the first. */
export function compileEntitySplice(texts: EntityTexts): (run: Run) => Promise<string | undefined> {
  const { requests, whole, pieces, variable } = texts;
  const writeAround = lazily(() => compileAround(texts));

  return async (run) => {
    const first = await askText(run, requests[0]);
    if (!first || "failure" in first || !whole.test(first.text)) return undefined;
    const { text } = first;
    const wanted = findEntities(text, texts);
    if (!wanted) return undefined;
    const { found, representations } = wanted;
    if (found.length === 0) return text.slice(DATA.length, -1);
    const second = await askText(run, requests[1], [{ variable, text: `[${representations.join(",")}]` }]);
    const received = second && receivedIn(run, second, { texts, count: representations.length });
    if (!received) return undefined;
    if (received.failures)
      return writeAround()({ text, at: DATA.length, found, received, faults: run.faults });
    let data = "";
    let at = DATA.length;
    for (const { match, nth } of found) {
      data += text.slice(at, match.index) + entityText(pieces, match, received.entities[nth]);
      at = match.index + match[0].length;
    }
    return data + text.slice(at, -1);
  };
}

/** What came of the entities; undefined when that has to be found out by parsing all of it. */
function receivedIn(
  run: Run,
  answer: TextAnswer,
  { texts, count }: { texts: EntityTexts; count: number },
): ReceivedEntities | undefined {
  const { subgraph, typeName, received: pattern } = texts;
  if ("failure" in answer) return readNothing(run.faults.outage(subgraph, answer.failure), count);
  return readEntities(run, answer.text, { subgraph, typeName, pattern, count });
}

/** The entities in the first answer, and each different one as it is asked for; undefined when nobody can tell. */
function findEntities(text: string, { each, head, required, isSentAsFound }: EntityTexts) {
  const found: Found[] = [];
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
