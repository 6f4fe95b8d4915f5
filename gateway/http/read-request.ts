import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { correlationIdFrom } from "../../lib/correlation.ts";
import { TRACEPARENT_HEADER, traceparentFrom } from "../../lib/trace-context.ts";
import { CodedError } from "../../lib/errors.ts";
import { unknownDocument } from "../errors.ts";
import { documentIdOf } from "../limits/document-trust.ts";
import { isEventId } from "../subscriptions/event-id.ts";
import type { StreamRequest } from "../operation/operations.ts";

const object = z.record(z.string(), z.unknown());
const parameters = z.object({
  query: z.string().min(1),
  operationName: z.string().nullish(),
  variables: object.nullish(),
  extensions: object.nullish(),
});

/**
 * Reads the operation of a streaming POST or GET.
 *
 * @throws CodedError BAD_USER_INPUT naming the parameter
 * @throws GraphQLError PERSISTED_QUERY_NOT_FOUND for the hash of a document that is not known
 */
export function readStreamRequest(request: FastifyRequest): StreamRequest {
  const raw = request.method === "GET" ? fromUrl(request.query) : request.body;
  if (namesDocument(raw)) throw unknownDocument();
  const read = parameters.safeParse(raw);
  if (!read.success) {
    const fields = read.error.issues.map((issue) => issue.path.join(".") || "body").join(", ");
    throw new CodedError(
      "BAD_USER_INPUT",
      `${fields}: expected {query, operationName?, variables?, extensions?}`,
    );
  }
  const { extensions, ...operation } = read.data;
  const header = request.headers["last-event-id"];
  const last = extensions?.["lastEventId"] ?? header;
  return {
    ...operation,
    correlationId: correlationIdFrom(request.id),
    traceparent: traceparentFrom(request.headers[TRACEPARENT_HEADER]),
    isReadOnly: request.method === "GET",
    lastEventId: isEventId(last) ? last : undefined,
    // Browsers come back to a GET by themselves; a POST that ends looks the same, cut off or not.
    mayResume: request.method === "GET" || last !== undefined,
  };
}

/** Documents that are known have taken the place of their hashes by now. */
function namesDocument(raw: unknown): boolean {
  const { query, extensions } = (raw ?? {}) as { query?: unknown; extensions?: unknown };
  return query === undefined && documentIdOf({ extensions }) !== undefined;
}

function fromUrl(query: unknown): unknown {
  const { variables, extensions, ...rest } = query as Record<string, unknown>;
  return {
    ...rest,
    ...(variables !== undefined && { variables: parsed("variables", variables) }),
    ...(extensions !== undefined && { extensions: parsed("extensions", extensions) }),
  };
}

function parsed(name: string, text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    throw new CodedError("BAD_USER_INPUT", `${name}: expected a JSON object`);
  }
}
