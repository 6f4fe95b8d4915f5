import type { ExecutionResult } from "graphql";
import { errors, type Dispatcher } from "undici";
import { isResult, notOpenedIn, StreamFailure, tooLargeEvent } from "./stream-protocol.ts";

/** A whole answer to a request for a stream, which is not the stream itself. */
export interface WholeAnswer {
  statusCode: number;
  contentType: string;
  text: string;
}

/** @throws StreamFailure when it is larger than `limitBytes` */
export async function readWhole(response: Dispatcher.ResponseData, limitBytes: number): Promise<WholeAnswer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response.body) {
    bytes += (chunk as Buffer).length;
    if (bytes > limitBytes) throw tooLargeEvent(limitBytes);
    chunks.push(chunk as Buffer);
  }
  const contentType = String(response.headers["content-type"] ?? "");
  return { statusCode: response.statusCode, contentType, text: Buffer.concat(chunks).toString("utf8") };
}

/** What an answer that is no stream means: the errors of a subscription that was refused, or why there is no stream. */
export function refusalIn({ statusCode, contentType, text }: WholeAnswer): ExecutionResult | StreamFailure {
  const result = jsonOrNothing(text);
  if (isResult(result) && result.errors && statusCode !== 406 && statusCode < 500) return result;
  const type = contentType.slice(0, 60) || "no content type";
  const said = `answered a subscription with HTTP ${statusCode} and ${type}`;
  if (statusCode === 401 || statusCode === 403) return new StreamFailure("refused", said);
  const isPassing = statusCode >= 500 || statusCode === 408 || statusCode === 429;
  return new StreamFailure(isPassing ? "broken" : "mismatch", said);
}

/** What undici throws, as the failure of a stream that should have opened within `limitMs`. */
export function requestFailure(error: unknown, limitMs: number): StreamFailure {
  if (error instanceof StreamFailure) return error;
  if (error instanceof errors.HeadersTimeoutError || error instanceof errors.ConnectTimeoutError)
    return notOpenedIn(limitMs);
  return new StreamFailure("broken", "cannot be reached", error);
}

function jsonOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
