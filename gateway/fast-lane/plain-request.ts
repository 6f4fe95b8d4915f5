import type { IncomingMessage } from "node:http";
import { documentIdOf, type DocumentRequest } from "../limits/document-trust.ts";

/** A GraphQL request without anything that needs a closer look. */
export interface PlainRequest {
  query: string;
  operationName: string | undefined;
  variables: Record<string, unknown>;
}

const PLAIN_ACCEPT = new Set([undefined, "*/*", "application/json", "application/json, */*"]);
const PLAIN_TYPE = /^application\/json(?:; ?charset=utf-8)?$/i;
/** Keys that JSON parsers are attacked with, and the escapes that hide them. */
const SUSPICIOUS = /__proto__|constructor|\\u00[0-9a-f]{2}/i;

/** Whether a request is an ordinary POST of one operation, as far as its head tells. */
export function hasPlainHead({ method, url, headers }: IncomingMessage, maxBodyBytes: number): boolean {
  const length = Number(headers["content-length"]);
  return (
    method === "POST" &&
    url === "/graphql" &&
    length > 0 &&
    length <= maxBodyBytes &&
    PLAIN_TYPE.test(headers["content-type"] ?? "") &&
    PLAIN_ACCEPT.has(headers.accept) &&
    headers["content-encoding"] === undefined &&
    headers["transfer-encoding"] === undefined &&
    headers["x-execution-path"] === undefined &&
    headers.expect === undefined
  );
}

/** The request in a body; undefined for everything else than a document or its id, `variables` and `operationName`. */
export function plainRequest(
  body: Buffer,
  textOf: (documentId: string) => string | undefined,
): PlainRequest | undefined {
  const text = body.toString();
  if (SUSPICIOUS.test(text)) return undefined;
  const parsed = parseObject(text);
  if (!parsed) return undefined;
  const { query: given, documentId, operationName, variables, extensions, ...rest } = parsed;
  if (Object.keys(rest).length > 0) return undefined;
  const query = textIn({ query: given, documentId, extensions }, textOf);
  if (query === undefined) return undefined;
  const isNamed = typeof operationName === "string";
  if (!isNamed && operationName !== undefined && operationName !== null) return undefined;
  if (variables !== undefined && variables !== null && !isObject(variables)) return undefined;
  return { query, operationName: isNamed ? operationName : undefined, variables: variables ?? {} };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The document, given as its text or as its id; whoever gives both is looked at more closely. */
function textIn(
  { query, documentId, extensions }: DocumentRequest,
  textOf: (documentId: string) => string | undefined,
): string | undefined {
  if (query === undefined) {
    const id = documentIdOf({ documentId, extensions });
    return id === undefined ? undefined : textOf(id);
  }
  const isPlain =
    documentId === undefined &&
    (extensions === undefined || (isObject(extensions) && Object.keys(extensions).length === 0));
  return isPlain && typeof query === "string" ? query : undefined;
}
