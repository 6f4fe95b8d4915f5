import { getOperationAST, GraphQLError, parse, validate, type DocumentNode } from "graphql";
import type { Identity } from "../lib/identity.ts";
import { refusals } from "./authorize-operation.ts";
import type { Operation } from "./execution/engine.ts";
import { exceededLimit } from "./limits/document-limits.ts";
import type { LoadedSupergraph } from "./supergraph.ts";

/** A request as it arrives over a socket. */
export interface OperationRequest {
  query: string;
  operationName?: string | null | undefined;
  variables?: Record<string, unknown> | null | undefined;
}

/** Most lexical tokens that a document may have. */
export const MAX_TOKENS = 10_000;

/** Valid documents that are remembered. */
const KNOWN_DOCUMENTS = 1_000;

/** Parses, validates and authorises a request; what is wrong with it comes back as errors. */
export function prepareOperation(
  request: OperationRequest,
  identity: Identity,
  supergraph: LoadedSupergraph,
): Operation | GraphQLError[] {
  const document = validDocument(request.query, supergraph);
  if (Array.isArray(document)) return document;
  const definition = getOperationAST(document, request.operationName);
  if (!definition)
    return [
      badRequest(
        `operationName: ${JSON.stringify(request.operationName ?? null)} selects no operation of the document`,
      ),
    ];
  const refused = refusals(document, identity, supergraph);
  if (refused.length > 0) return refused;
  return { document, definition, variables: request.variables ?? {} };
}

/** Parses, limits and validates; documents that were found good before are not looked at again. */
function validDocument(query: string, supergraph: LoadedSupergraph): DocumentNode | GraphQLError[] {
  const known = supergraph.validDocuments.get(query);
  if (known) return known;
  const document = parseDocument(query);
  if (document instanceof GraphQLError) return [asBadInput(document)];
  const exceeded = exceededLimit(document);
  if (exceeded) return [exceeded];
  const invalid = problemsOf(document, supergraph);
  if (invalid.length > 0) return invalid.map(asBadInput);
  const { validDocuments } = supergraph;
  if (validDocuments.size >= KNOWN_DOCUMENTS) validDocuments.delete(validDocuments.keys().next().value ?? "");
  validDocuments.set(query, document);
  return document;
}

function problemsOf(document: DocumentNode, { apiSchema }: LoadedSupergraph): readonly GraphQLError[] {
  try {
    return validate(apiSchema, document, undefined, { maxErrors: 20 });
  } catch (error) {
    // The rule for a single root field cannot evaluate `@include(if: $variable)` on it, and throws.
    return [error instanceof GraphQLError ? error : badRequest("The document cannot be validated")];
  }
}

function parseDocument(query: string): DocumentNode | GraphQLError {
  try {
    return parse(query, { maxTokens: MAX_TOKENS });
  } catch (error) {
    return error instanceof GraphQLError ? error : badRequest("The document cannot be parsed");
  }
}

const badRequest = (message: string) => new GraphQLError(message, { extensions: { code: "BAD_USER_INPUT" } });

const asBadInput = (error: GraphQLError) =>
  new GraphQLError(error.message, {
    nodes: error.nodes ?? null,
    source: error.source ?? null,
    positions: error.positions ?? null,
    extensions: { code: "BAD_USER_INPUT" },
  });
