import {
  getOperationAST,
  GraphQLError,
  NoSchemaIntrospectionCustomRule,
  specifiedRules,
  validate,
  type DocumentNode,
  type ValidationRule,
} from "graphql";
import { isCodedError } from "../../lib/errors.ts";
import type { Identity } from "../../lib/identity.ts";
import { refusals } from "./authorise.ts";
import { asGraphQLError } from "../errors.ts";
import type { Operation } from "../execution/engine.ts";
import type { Limits } from "../limits/limits.ts";
import type { LoadedSupergraph } from "../supergraph.ts";

/** A request as it arrives over a socket. */
export interface OperationRequest {
  query: string;
  operationName?: string | null | undefined;
  variables?: Record<string, unknown> | null | undefined;
}

/** What an operation has to comply with. */
interface Rules {
  supergraph: LoadedSupergraph;
  limits: Limits;
  /** Whether clients may not learn of the schema: no introspection, no suggestions. */
  hidesSchema: boolean;
}

/** Parses, limits, validates and authorises a request; what is wrong with it comes back as errors. */
export function prepareOperation(
  request: OperationRequest,
  identity: Identity,
  rules: Rules,
): Operation | GraphQLError[] {
  const { supergraph, limits } = rules;
  const document = validDocument(request.query, rules);
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
  const operation: Operation = { document, definition, variables: request.variables ?? {} };
  const tooCostly = limits.cost(operation, supergraph);
  return tooCostly ? [asGraphQLError(tooCostly)] : operation;
}

/** Parses, limits and validates; documents that were found good before are not looked at again. */
function validDocument(
  query: string,
  { supergraph, limits, hidesSchema }: Rules,
): DocumentNode | GraphQLError[] {
  const known = supergraph.validDocuments.get(query);
  if (known) return known;
  const document = limits.document(query);
  if (isCodedError(document)) return [asGraphQLError(document)];
  if (document instanceof GraphQLError) return [asBadInput(document)];
  const invalid = problemsOf(document, supergraph, hidesSchema ? HIDING : specifiedRules);
  if (invalid.length > 0) return invalid.map((error) => asBadInput(error, hidesSchema));
  supergraph.validDocuments.set(query, document);
  return document;
}

const HIDING = [...specifiedRules, NoSchemaIntrospectionCustomRule];

function problemsOf(
  document: DocumentNode,
  { apiSchema }: LoadedSupergraph,
  rules: readonly ValidationRule[],
): readonly GraphQLError[] {
  try {
    return validate(apiSchema, document, rules, { maxErrors: 20 });
  } catch (error) {
    // The rule for a single root field cannot evaluate `@include(if: $variable)` on it, and throws.
    return [error instanceof GraphQLError ? error : badRequest("The document cannot be validated")];
  }
}

const badRequest = (message: string) => new GraphQLError(message, { extensions: { code: "BAD_USER_INPUT" } });

/** What graphql-js adds to the messages of its rules. */
const SUGGESTION = / ?Did you mean .+\?$/;

const asBadInput = (error: GraphQLError, hidesSchema = false) =>
  new GraphQLError(hidesSchema ? error.message.replace(SUGGESTION, "") : error.message, {
    nodes: error.nodes ?? null,
    source: error.source ?? null,
    positions: error.positions ?? null,
    extensions: { code: "BAD_USER_INPUT" },
  });
