import type { ExecutionResult } from "graphql";
import { CodedError } from "../../lib/errors.ts";
import { isRepeatable } from "./repeatable.ts";
import { unavailable } from "../errors/failures.ts";
import { isJsonObject, jsonText, parseJson, type JsonObject } from "./json.ts";
import type { PlannedRequest } from "./plan.ts";
import type { Run } from "./run.ts";

/** Everything of a fetch's request that is known before its variables are. */
export interface RequestWriter {
  subgraph: string;
  query: string;
  operationName: string | undefined;
  isQuery: boolean;
  /** Whether it may be sent twice. */
  isRepeatable: boolean;
  /** The body as JSON text up to the first variable. */
  head: string;
  /** The variables that it uses, each with its key as JSON text. */
  variables: readonly { name: string; key: string }[];
}

/** Variables beside those of the client, each value as JSON text: representations, and what comes from a context. */
export type OwnVariables = readonly { variable: string; text: string }[];

export function compileRequest(node: PlannedRequest): RequestWriter {
  const { operation, operationName } = node;
  const name = operationName === undefined ? "" : `,"operationName":${JSON.stringify(operationName)}`;
  return {
    subgraph: node.subgraph,
    query: operation,
    operationName,
    isQuery: node.operationKind === "query",
    isRepeatable: isRepeatable(operation),
    head: `{"query":${JSON.stringify(operation)}${name},"variables":{`,
    variables: node.variables.map((variable) => ({ name: variable, key: `${JSON.stringify(variable)}:` })),
  };
}

/** The body of a request: what is known beforehand, the variables, the representations. */
function bodyOf(
  { head, variables }: RequestWriter,
  values: Run["variables"],
  own: OwnVariables = [],
): string {
  let text = head;
  let separator = "";
  for (const { name, key } of variables) {
    const value = values[name];
    if (value === undefined) continue;
    text += separator + key + jsonText(value);
    separator = ",";
  }
  for (const { variable, text: value } of own) {
    text += `${separator}${JSON.stringify(variable)}:${value}`;
    separator = ",";
  }
  return `${text}}}`;
}

/** What a subgraph answered, with the form of a result. */
export interface SubgraphAnswer {
  data: JsonObject | null | undefined;
  errors: readonly SubgraphError[];
}

/** An error as a subgraph sends it: nothing about it is certain. */
export interface SubgraphError {
  message?: unknown;
  path?: unknown;
  extensions?: unknown;
}

/**
 * Asks the subgraph.
 *
 * @throws CodedError when it gave no answer, or none with the form of a result
 */
export async function ask(run: Run, request: RequestWriter, own?: OwnVariables): Promise<SubgraphAnswer> {
  const endpoint = run.endpointOf(request.subgraph);
  if (!endpoint.exchange) {
    run.isPlain = false;
    return answerOf(run, request, await endpoint.execute(asObject(run, request, own)));
  }
  const text = await exchange(run, request, bodyOf(request, run.variables, own));
  run.isPlain &&= !text.includes("\\");
  return answerOf(run, request, parsed(text));
}

/** The text of an answer, or why there is none. */
export type TextAnswer = { text: string } | { failure: unknown };

/** Asks for text, which serves whoever asks the same again; undefined where a subgraph does not answer in text. */
export async function askText(
  run: Run,
  request: RequestWriter,
  own?: OwnVariables,
): Promise<TextAnswer | undefined> {
  if (!run.endpointOf(request.subgraph).exchange) return undefined;
  const body = bodyOf(request, run.variables, own);
  const text = exchange(run, request, body);
  run.texts.push({ body, text });
  try {
    return { text: await text };
  } catch (failure) {
    return { failure };
  }
}

function exchange(run: Run, request: RequestWriter, body: string): Promise<string> {
  const known = run.texts.find((each) => each.body === body);
  if (known) return known.text;
  const { isQuery, isRepeatable: mayRepeat, subgraph } = request;
  const endpoint = run.endpointOf(subgraph);
  if (!endpoint.exchange) throw unavailable(subgraph, "does not answer in text");
  return endpoint.exchange({ body, isQuery, isRepeatable: mayRepeat, caller: run.caller });
}

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

function answerOf(run: Run, { subgraph }: RequestWriter, result: unknown): SubgraphAnswer {
  if (!isJsonObject(result)) throw unavailable(subgraph, "answered without a GraphQL result");
  const { data, errors, extensions } = result as Partial<ExecutionResult>;
  const idempotency = extensions?.["idempotency"];
  if (idempotency !== undefined) run.idempotency = idempotency;
  const all = Array.isArray(errors) ? errors.filter((error) => isJsonObject(error)) : [];
  // An error may be an instance, which is an object all the same.
  if (isJsonObject(data)) return { data, errors: all };
  if (all.length === 0) throw malformed(subgraph, "answered without data and without errors");
  return { data: null, errors: all };
}

/** The subgraph answered with something that no subgraph may answer. */
export const malformed = (subgraph: string, what: string): CodedError =>
  new CodedError("SUBGRAPH_MALFORMED", `The subgraph "${subgraph}" ${what}`);

function asObject(run: Run, request: RequestWriter, own: OwnVariables = []) {
  const { query, operationName, variables } = request;
  const values = variables.map(({ name }) => [name, run.variables[name]] as const);
  const more = own.map(({ variable, text }) => [variable, parseJson(text)] as const);
  return {
    query,
    operationName,
    caller: run.caller,
    variables: {
      ...Object.fromEntries(values.filter(([, value]) => value !== undefined)),
      ...Object.fromEntries(more),
    },
  };
}
