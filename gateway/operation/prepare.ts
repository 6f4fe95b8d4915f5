import {
  getOperationAST,
  GraphQLError,
  Kind,
  NoSchemaIntrospectionCustomRule,
  OperationTypeNode,
  specifiedRules,
  type DocumentNode,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";
import { isCodedError } from "../../lib/errors.ts";
import { createTextMemory } from "../../lib/text-memory.ts";
import type { Generations } from "../generations/generations.ts";
import type { Limits } from "../limits/limits.ts";
import type { LoadedSupergraph } from "../supergraph/supergraph.ts";
import { createValidate, type Validate } from "./validation.ts";
import { Refused, refusedBy } from "./refused.ts";
import type { OperationRequest } from "./request.ts";

/** An operation that may run as far as its text tells; who asks and with which variables is looked at each time. */
export interface Prepared {
  document: DocumentNode;
  definition: OperationDefinitionNode;
  /** Of which supergraph that is true. */
  supergraph: LoadedSupergraph;
  /** One of our own clients' documents. */
  isTrusted: boolean;
  /** Whether parts of it may come later. */
  defers: boolean;
  /** Whether it has been answered before. */
  isProven: boolean;
}

export interface PreparationOptions {
  generations: Generations;
  limits: Limits;
  /** Whether clients may not learn of the schema: no introspection, no suggestions. */
  hidesSchema: boolean;
}

/** Longer documents are looked at each time. */
const LONGEST_CHARS = 50_000;

/**
 * Finds the document of a request, parses, limits and validates it, and remembers by its text what was found good, for as
 * long as the supergraph stays. What comes again costs one look-up.
 */
export function createPreparation({ generations, limits, hidesSchema }: PreparationOptions) {
  const { trust } = limits;
  const known = createTextMemory<Prepared>({ longestChars: LONGEST_CHARS });
  generations.onChange(() => {
    known.clear();
    found = undefined;
  });
  const validate = hidesSchema ? HIDING : PUBLIC;
  /** Whoever asks whether a request is known has it prepared next: one look-up serves both. */
  let found: { request: OperationRequest; prepared: Prepared } | undefined;

  const prepare = (request: OperationRequest): Prepared | Refused => {
    const text = trust.textOf(request);
    if (typeof text !== "string") return text instanceof GraphQLError ? new Refused([text]) : refusedBy(text);
    const { operationName } = request;
    const key = keyOf(text, operationName);
    const remembered = found?.request === request ? found.prepared : known.get(key);
    found = undefined;
    if (remembered) {
      trust.count(remembered.isTrusted);
      if (request.extensions !== undefined) trust.register(text, request);
      return remembered;
    }
    const isTrusted = trust.admit(text);
    if (typeof isTrusted !== "boolean") return refusedBy(isTrusted);
    const document = limits.document(text);
    if (isCodedError(document)) return refusedBy(document);
    if (document instanceof GraphQLError) return new Refused([withCode(document, "GRAPHQL_PARSE_FAILED")]);
    const { supergraph } = generations.current();
    const invalid = problemsOf(document, supergraph, validate);
    if (invalid.length > 0)
      return new Refused(invalid.map((error) => withCode(error, "GRAPHQL_VALIDATION_FAILED", hidesSchema)));
    const definition = getOperationAST(document, operationName);
    if (!definition) return noSuchOperation(operationName, document);
    if (!rootTypeOf(definition, supergraph)) return noSuchRoot(definition);
    const prepared: Prepared = {
      document,
      definition,
      supergraph,
      isTrusted,
      defers: /@defer\b/.test(text),
      isProven: false,
    };
    trust.register(text, request);
    known.set(key, prepared);
    return prepared;
  };
  /** Whether a request costs one look-up. */
  const knows = (request: OperationRequest): boolean => {
    const { query, operationName } = request;
    const prepared = query === undefined ? undefined : known.get(keyOf(query, operationName));
    found = prepared && { request, prepared };
    return prepared !== undefined;
  };
  return { prepare, knows };
}

const keyOf = (text: string, operationName: string | undefined): string =>
  operationName === undefined ? text : `${operationName}\u0000${text}`;

const PUBLIC = createValidate(specifiedRules);
const HIDING = createValidate([...specifiedRules, NoSchemaIntrospectionCustomRule]);
const MOST_PROBLEMS = 20;

function problemsOf(
  document: DocumentNode,
  { apiSchema }: LoadedSupergraph,
  validate: Validate,
): readonly GraphQLError[] {
  const conditional = conditionalTrigger(document);
  // graphql-js cannot tell whether a subscription has one root field while a variable decides over it: its rule throws.
  return conditional ? [conditional] : validate(apiSchema, document, { maxErrors: MOST_PROBLEMS });
}

/** The specification forbids `@skip` and `@include` at the root of a subscription. */
function conditionalTrigger(document: DocumentNode): GraphQLError | undefined {
  const subscriptions = document.definitions.filter(
    (node) => node.kind === Kind.OPERATION_DEFINITION && node.operation === OperationTypeNode.SUBSCRIPTION,
  ) as OperationDefinitionNode[];
  const conditional = subscriptions
    .flatMap(({ selectionSet }) => rootSelections(selectionSet, document))
    .find(({ directives }) => directives?.some(({ name }) => CONDITIONS.has(name.value)));
  return (
    conditional &&
    new GraphQLError("@skip and @include are not allowed at the root of a subscription", {
      nodes: conditional,
    })
  );
}

const CONDITIONS = new Set(["skip", "include"]);

/** What is selected at the root, fragments and what they select there included. */
function rootSelections(root: SelectionSetNode, { definitions }: DocumentNode): SelectionNode[] {
  const found = new Set<SelectionNode>();
  const open = [root];
  for (let next = open.pop(); next; next = open.pop()) {
    for (const node of next.selections) {
      if (found.has(node)) continue;
      found.add(node);
      if (node.kind === Kind.INLINE_FRAGMENT) open.push(node.selectionSet);
      if (node.kind !== Kind.FRAGMENT_SPREAD) continue;
      const fragment = definitions.find(
        (definition) =>
          definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === node.name.value,
      );
      if (fragment?.kind === Kind.FRAGMENT_DEFINITION) open.push(fragment.selectionSet);
    }
  }
  return [...found];
}

function noSuchOperation(name: string | undefined, { definitions }: DocumentNode): Refused {
  const names = definitions.flatMap((node) =>
    node.kind === Kind.OPERATION_DEFINITION && node.name ? [node.name.value] : [],
  );
  const allowed =
    names.length > 0 ? `one of ${names.slice(0, 10).join(", ")}` : "no name: its operation has none";
  const message = `operationName: ${JSON.stringify(name ?? null)} selects no operation of the document; expected ${allowed}`;
  return new Refused([new GraphQLError(message, { extensions: { code: "OPERATION_RESOLUTION_FAILURE" } })]);
}

const rootTypeOf = ({ operation }: OperationDefinitionNode, { apiSchema }: LoadedSupergraph) =>
  apiSchema.getRootType(operation);

const noSuchRoot = (definition: OperationDefinitionNode): Refused =>
  new Refused(
    [
      new GraphQLError(`There are no ${definition.operation}s here`, {
        nodes: definition,
        extensions: { code: "GRAPHQL_VALIDATION_FAILED" },
      }),
    ],
    { definition },
  );

/** What graphql-js adds to the messages of its rules. */
const SUGGESTION = / ?Did you mean .+\?$/;

const withCode = (error: GraphQLError, code: string, hidesSchema = false): GraphQLError =>
  new GraphQLError(hidesSchema ? error.message.replace(SUGGESTION, "") : error.message, {
    nodes: error.nodes ?? null,
    source: error.source ?? null,
    positions: error.positions ?? null,
    extensions: { code },
  });
