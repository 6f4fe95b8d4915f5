import type { IncomingMessage } from "node:http";

/** A GraphQL request without anything that needs a closer look. */
export interface PlainRequest {
  query: string;
  operationName: string | undefined;
  variables: Record<string, unknown>;
}

const BODY_LIMIT_BYTES = 1_048_576;
const PLAIN_ACCEPT = new Set([undefined, "*/*", "application/json", "application/json, */*"]);
const PLAIN_TYPE = /^application\/json(?:; ?charset=utf-8)?$/i;
/** Keys that JSON parsers are attacked with, and the escapes that hide them. */
const SUSPICIOUS = /__proto__|constructor|\\u00[0-9a-f]{2}/i;

/** Whether a request is an ordinary POST of one operation, as far as its head tells. */
export function hasPlainHead({ method, url, headers }: IncomingMessage): boolean {
  const length = Number(headers["content-length"]);
  return (
    method === "POST" &&
    url === "/graphql" &&
    length > 0 &&
    length <= BODY_LIMIT_BYTES &&
    PLAIN_TYPE.test(headers["content-type"] ?? "") &&
    PLAIN_ACCEPT.has(headers.accept) &&
    headers["content-encoding"] === undefined &&
    headers["transfer-encoding"] === undefined &&
    headers["x-execution-path"] === undefined &&
    headers.expect === undefined
  );
}

/** The request in a body; undefined for everything else than `query`, `variables` and `operationName`. */
export function plainRequest(body: Buffer): PlainRequest | undefined {
  const text = body.toString();
  if (SUSPICIOUS.test(text)) return undefined;
  const parsed = parseObject(text);
  if (!parsed) return undefined;
  const { query, operationName, variables, extensions, ...rest } = parsed;
  if (typeof query !== "string" || Object.keys(rest).length > 0) return undefined;
  if (extensions !== undefined && !isEmptyObject(extensions)) return undefined;
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

const isEmptyObject = (value: unknown) => isObject(value) && Object.keys(value).length === 0;
