import { GraphQLError, type DocumentNode, type ExecutionResult } from "graphql";
import { answerFrom } from "../transport/answer.ts";
import { copyOf } from "./compile/json-object.ts";
import type { PlacedFetch } from "./compile/placed-fetches.ts";
import type { Answer, Recorded, Run } from "./compile/run.ts";
import type { Source } from "./stock-executor.ts";

/**
 * Marks every fetch of a plan, so that Apollo's executor says which one it is at when it asks.
 * The mark takes the place of the parsed document, which nothing else reads.
 */
export function markFetches(fetches: readonly PlacedFetch[]): ReadonlyMap<DocumentNode, number> {
  const marks = new Map<DocumentNode, number>();
  for (const { node, index } of fetches) {
    const mark: DocumentNode = { kind: "Document" as DocumentNode["kind"], definitions: [] };
    node.operationDocumentNode = mark;
    marks.set(mark, index);
  }
  return marks;
}

/** A source that answers what has been fetched already from the record, and asks `live` for the rest. */
export const replayed =
  (
    run: Run,
    marks: ReadonlyMap<DocumentNode, number>,
    { name, live }: { name: string; live: Source },
  ): Source =>
  async (request, options) => {
    const index = "document" in options && options.document ? marks.get(options.document) : undefined;
    const recorded = index === undefined ? undefined : run.answers[index];
    if (!recorded) return live(request, options);
    const result = resultOf(recorded.answer, name);
    const wanted = request.variables?.["representations"];
    if (!Array.isArray(wanted)) return result;
    return spread(result, recorded, wanted) ?? live(request, options);
  };

/** An own copy each time, for Apollo's executor writes into it. */
function resultOf(answer: Answer, name: string): ExecutionResult {
  if ("failure" in answer) throw answer.failure;
  if ("result" in answer) return structuredResult(answer.result);
  return answerFrom(name, { text: answer.text, statusCode: 200 });
}

const structuredResult = (result: ExecutionResult): ExecutionResult =>
  result.data ? { ...result, data: copyOf(result.data) } : result;

/** We asked for each entity once; Apollo's executor expects one answer per place that it stands in. */
function spread(
  result: ExecutionResult,
  recorded: Recorded,
  wanted: readonly unknown[],
): ExecutionResult | undefined {
  const sent = recorded.representations ?? [];
  if (sent.length === wanted.length) return result;
  const positions = new Map(sent.map((text, index) => [text, index]));
  const places = wanted.map((representation) => positions.get(JSON.stringify(representation)) ?? -1);
  if (places.includes(-1)) return undefined;
  const entities = result.data?.["_entities"];
  const errors = result.errors?.flatMap((error) => spreadError(error, places));
  return {
    ...result,
    ...(errors && { errors }),
    ...(Array.isArray(entities) && {
      data: { ...result.data, _entities: spreadEntities(entities, { places, sent: sent.length }) },
    }),
  };
}

/** A list of the wrong length keeps being wrong by as much. */
function spreadEntities(
  entities: readonly unknown[],
  { places, sent }: { places: readonly number[]; sent: number },
): unknown[] {
  const surplus = entities.length - sent;
  if (surplus !== 0) return Array.from({ length: Math.max(0, places.length + surplus) }, () => null);
  return places.map((place) => copyOf(entities[place] ?? null));
}

function spreadError(error: GraphQLError, places: readonly number[]): GraphQLError[] {
  const { path } = error;
  if (path?.[0] !== "_entities" || typeof path[1] !== "number") return [error];
  return places.flatMap((place, index) => {
    if (place !== path[1]) return [];
    const { message, extensions } = error;
    return [new GraphQLError(message, { extensions, path: ["_entities", index, ...path.slice(2)] })];
  });
}
