import type { GraphQLSchema } from "graphql";
import { entitiesAt } from "./entities.ts";
import { copyOf, isJsonObject, mergeInto, type JsonObject } from "./json-object.ts";
import { NotCompilable } from "./not-compilable.ts";
import type { PlacedFetch } from "./placed-fetches.ts";
import { compileRequest, read, send, type RequestWriter } from "./request.ts";
import { compileRepresentation, representAsObject, type Represent } from "./representations.ts";
import { rewriter } from "./rewrites.ts";
import type { Run, Step } from "./run.ts";

export interface FetchOptions {
  supergraphSchema: GraphQLSchema;
  /** Another fetch writes into what this one brings, so its objects must not be shared or borrowed. */
  isTouchedLater: boolean;
}

/** A fetch as a function that asks, checks the answer and merges it into the run's data. */
export function compileFetch(fetch: PlacedFetch, options: FetchOptions): Step {
  const { node, path } = fetch;
  if (node.contextRewrites?.length) throw new NotCompilable("@fromContext");
  if (node.requires) return compileEntityFetch(fetch, options);
  if (path.length > 0) throw new NotCompilable("a fetch below the root without representations");
  const request = compileRequest(node);
  const rewriteOutput = rewriter(options.supergraphSchema, node.outputRewrites);
  return async (run) => {
    const data = await ask(run, fetch, { request, representations: undefined });
    if (!data) return;
    const own = options.isTouchedLater && isBorrowed(run, fetch) ? copyOf(data) : data;
    rewriteOutput?.(own);
    if (!run.data) run.data = own;
    else if (!mergeInto(run.data, own)) run.isIrregular = true;
  };
}

interface Wanted {
  /** The distinct representations as text. */
  representations: string[];
  /** For each of them, the entities that it stands for. */
  entities: JsonObject[][];
}

function compileEntityFetch(fetch: PlacedFetch, { supergraphSchema, isTouchedLater }: FetchOptions): Step {
  const { node, path } = fetch;
  const request = compileRequest(node);
  const represent = representer(fetch, supergraphSchema);
  const rewriteOutput = rewriter(supergraphSchema, node.outputRewrites);
  return async (run) => {
    const wanted = collectWanted(entitiesAt(run.data, path), represent);
    if (!wanted) run.isIrregular = true;
    if (!wanted || wanted.representations.length === 0) return;
    const { representations } = wanted;
    const data = await ask(run, fetch, { request, representations });
    const received = data?.["_entities"];
    if (!Array.isArray(received) || received.length !== representations.length) {
      run.isIrregular = true;
      return;
    }
    const places = { entities: received as unknown[], targets: wanted.entities };
    const mayShare = { copyFirst: isTouchedLater && isBorrowed(run, fetch), copyNext: isTouchedLater };
    if (!mergeEntities(places, { ...mayShare, rewriteOutput })) run.isIrregular = true;
  };
}

interface MergeOptions {
  /** The received objects belong to somebody else and are going to be written into. */
  copyFirst: boolean;
  /** Places that show the same entity must not share its objects. */
  copyNext: boolean;
  rewriteOutput: ((value: JsonObject) => void) | undefined;
}

/** Puts each entity into all its places; false when one is no object or does not fit. */
function mergeEntities(
  { entities, targets }: { entities: readonly unknown[]; targets: readonly JsonObject[][] },
  { copyFirst, copyNext, rewriteOutput }: MergeOptions,
): boolean {
  for (const [index, entity] of entities.entries()) {
    if (entity === null) continue;
    if (!isJsonObject(entity)) return false;
    const own = copyFirst ? copyOf(entity) : entity;
    rewriteOutput?.(own);
    for (const [nth, target] of (targets[index] ?? []).entries()) {
      if (!mergeInto(target, nth > 0 && copyNext ? copyOf(own) : own)) return false;
    }
  }
  return true;
}

/** Equal representations are sent once; undefined when the data has another shape than planned. */
function collectWanted(found: JsonObject[] | undefined, represent: Represent): Wanted | undefined {
  if (!found) return undefined;
  const wanted: Wanted = { representations: [], entities: [] };
  const known = new Map<string, JsonObject[]>();
  for (const entity of found) {
    const text = represent(entity);
    if (text === null) continue;
    const same = known.get(text);
    if (same) {
      same.push(entity);
      continue;
    }
    const entities = [entity];
    known.set(text, entities);
    wanted.representations.push(text);
    wanted.entities.push(entities);
  }
  return wanted;
}

function representer({ node }: PlacedFetch, schema: GraphQLSchema): Represent {
  const requires = node.requires ?? [];
  const rewriteInput = rewriter(schema, node.inputRewrites);
  if (!rewriteInput) return compileRepresentation(schema, requires);
  const asObject = representAsObject(schema, requires);
  return (entity) => {
    const representation = asObject(entity);
    if (!representation) return null;
    rewriteInput(representation);
    return JSON.stringify(representation);
  };
}

/** The data of an answer; whatever is not plain data makes the run irregular. */
async function ask(
  run: Run,
  fetch: PlacedFetch,
  { request, representations }: { request: RequestWriter; representations: string[] | undefined },
): Promise<JsonObject | undefined> {
  const { answer, result } = await (known(run, fetch, representations) ??
    send(run, request, representations));
  run.answers[fetch.index] = { answer, representations };
  const idempotency = result?.extensions?.["idempotency"];
  if (idempotency !== undefined) run.idempotency = idempotency;
  if (result && result.errors === undefined && isJsonObject(result.data)) return result.data;
  run.isIrregular = true;
  return undefined;
}

/** An answer that is there already because splicing its text did not work out. */
function known(run: Run, { index }: PlacedFetch, representations: readonly string[] | undefined) {
  const recorded = run.answers[index];
  const isSame = recorded && String(recorded.representations) === String(representations);
  return isSame ? read(recorded.answer) : undefined;
}

/** Objects of an endpoint in this process stay as they came, in case Apollo's executor needs them. */
const isBorrowed = (run: Run, { index }: PlacedFetch) => "result" in (run.answers[index]?.answer ?? {});
