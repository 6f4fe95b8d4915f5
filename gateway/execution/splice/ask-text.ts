import { bodyOf, type RequestWriter } from "../compile/request.ts";
import type { Run } from "../compile/run.ts";

export interface TextQuestion {
  /** The number of the fetch in its plan. */
  index: number;
  request: RequestWriter;
  representations?: readonly string[];
}

/** The text of an answer, recorded for those who may need it again; undefined when there is none. */
export async function askText(
  run: Run,
  { index, request, representations }: TextQuestion,
): Promise<string | undefined> {
  const endpoint = run.endpointOf(request.subgraph);
  if (!endpoint.exchange) return undefined;
  const { isQuery, isRepeatable } = request;
  try {
    const text = await endpoint.exchange({
      body: bodyOf(request, run.variables, representations),
      isQuery,
      isRepeatable,
      caller: run.caller,
    });
    run.answers[index] = { answer: { text }, representations };
    return text;
  } catch (failure) {
    run.answers[index] = { answer: { failure }, representations };
    return undefined;
  }
}
