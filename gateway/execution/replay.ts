import { GraphQLError, type DocumentNode, type ExecutionResult } from "graphql";
import type { GraphQLRequest } from "../../lib/graphql-endpoint.ts";
import { answerFrom } from "../transport/answer.ts";
import { copyOf } from "./compile/json-object.ts";
import type { PlacedFetch } from "./compile/placed-fetches.ts";
import type { Answer, Run } from "./compile/run.ts";
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

/**
 * A source that asks for each entity once, as the compiled plan does. Apollo's executor asks as often as it
 * stands somewhere.
 */
export const eachOnce =
  (live: Source): Source =>
  async (request, options) => {
    const wanted = request.variables?.["representations"];
    if (!Array.isArray(wanted)) return live(request, options);
    const distinct = new Map(wanted.map((each: unknown) => [JSON.stringify(each), each]));
    const variables = { ...request.variables, representations: [...distinct.values()] };
    const result = await live({ ...request, variables }, options);
    return spread(result, [...distinct.keys()], wanted) ?? result;
  };

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
    if (!recorded) {
      const answering = live(request, options);
      return index !== undefined && run.keepsAnswers ? keep(answering, { run, index, request }) : answering;
    }
    const result = resultOf(recorded.answer, name);
    const wanted = request.variables?.["representations"];
    if (!Array.isArray(wanted)) return result;
    return spread(result, recorded.representations, wanted) ?? live(request, options);
  };

/** Records an answer of Apollo's executor for runs that go on from this one. */
async function keep(
  answering: Promise<ExecutionResult>,
  { run, index, request }: { run: Run; index: number; request: GraphQLRequest },
): Promise<ExecutionResult> {
  const wanted = request.variables?.["representations"];
  const representations = Array.isArray(wanted) ? wanted.map((each) => JSON.stringify(each)) : undefined;
  try {
    const result = await answering;
    run.answers[index] = { answer: { result: structuredResult(result) }, representations };
    return result;
  } catch (failure) {
    run.answers[index] = { answer: { failure }, representations };
    throw failure;
  }
}

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
  sent: readonly string[] | undefined,
  wanted: readonly unknown[],
): ExecutionResult | undefined {
  if (!sent || sent.length === wanted.length) return result;
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
