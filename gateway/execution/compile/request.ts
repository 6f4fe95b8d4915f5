import type { FetchNode } from "@apollo/query-planner";
import { OperationTypeNode, type ExecutionResult } from "graphql";
import type { GraphQLRequest } from "../../../lib/graphql-endpoint.ts";
import { isRepeatable } from "../../transport/repeatable.ts";
import { stringText } from "./json-text.ts";
import type { Answer, Run } from "./run.ts";

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

export function compileRequest(node: FetchNode): RequestWriter {
  const name =
    node.operationName === undefined ? "" : `,"operationName":${JSON.stringify(node.operationName)}`;
  return {
    subgraph: node.serviceName,
    query: node.operation,
    operationName: node.operationName,
    isQuery: isQuery(node),
    isRepeatable: isRepeatable(node.operation),
    head: `{"query":${JSON.stringify(node.operation)}${name},"variables":{`,
    variables: (node.variableUsages ?? []).map((variable) => ({
      name: variable,
      key: `${JSON.stringify(variable)}:`,
    })),
  };
}

/** Whether a fetch only reads. */
export const isQuery = ({ operationKind }: Pick<FetchNode, "operationKind">): boolean =>
  operationKind === OperationTypeNode.QUERY;

/** The body of a request: what is known beforehand, the variables, the representations. */
export function bodyOf(
  { head, variables }: RequestWriter,
  values: Run["variables"],
  representations?: readonly string[],
): string {
  let text = head;
  let separator = "";
  for (const { name, key } of variables) {
    const value = values[name];
    if (value === undefined) continue;
    text += separator + key + (typeof value === "string" ? stringText(value) : JSON.stringify(value));
    separator = ",";
  }
  if (representations) text += `${separator}"representations":[${representations.join(",")}]`;
  return `${text}}}`;
}

/** Asks the subgraph; a result is missing when it did not answer, or not with JSON. */
export async function send(
  run: Run,
  request: RequestWriter,
  representations: readonly string[] | undefined,
): Promise<{ answer: Answer; result?: ExecutionResult }> {
  const endpoint = run.endpointOf(request.subgraph);
  try {
    if (!endpoint.exchange) {
      const result = await endpoint.execute(asObject(run, request, representations));
      return { answer: { result }, result };
    }
    const body = bodyOf(request, run.variables, representations);
    const { isQuery: reads, isRepeatable: repeats } = request;
    const text = await endpoint.exchange({ body, isQuery: reads, isRepeatable: repeats, caller: run.caller });
    return read({ text });
  } catch (failure) {
    return { answer: { failure } };
  }
}

/** An answer with the result that is in it, if any. */
export function read(answer: Answer): { answer: Answer; result?: ExecutionResult } {
  if ("result" in answer) return { answer, result: answer.result };
  if ("failure" in answer) return { answer };
  try {
    const result = JSON.parse(answer.text) as ExecutionResult | null;
    return result === null ? { answer } : { answer, result };
  } catch {
    return { answer };
  }
}

function asObject(run: Run, request: RequestWriter, representations?: readonly string[]): GraphQLRequest {
  const { query, operationName, variables } = request;
  const values = variables.map(({ name }) => [name, run.variables[name]] as const);
  return {
    query,
    operationName,
    caller: run.caller,
    variables: {
      ...Object.fromEntries(values.filter(([, value]) => value !== undefined)),
      ...(representations && { representations: JSON.parse(`[${representations.join(",")}]`) as unknown }),
    },
  };
}
