import {
  getNamedType,
  GraphQLError,
  isAbstractType,
  Kind,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  type InlineFragmentNode,
  type SelectionSetNode,
} from "graphql";
import { authorize, type ProtectedPart } from "../../lib/authorization.ts";
import { CodedError, isCodedError } from "../../lib/errors.ts";
import type { Identity } from "../../lib/identity.ts";
import type { Operation } from "../execution/engine.ts";
import type { LoadedSupergraph } from "../supergraph/supergraph.ts";

/**
 * Checks everything that an operation reaches against what it asks of its caller. Fail closed: one missing scope
 * refuses the whole operation, so that no part of it runs.
 */
export function refusals(
  { document, explains }: Asked,
  identity: Identity,
  supergraph: LoadedSupergraph,
): GraphQLError[] {
  if (explains && identity.role !== "admin") return [notForAdministrators(identity)];
  const parts = protectedParts(document, supergraph);
  if (parts.length === 0) return [];
  const errors: GraphQLError[] = [];
  const mutation = supergraph.apiSchema.getMutationType()?.name;
  const attempt = (coordinate: string) =>
    mutation !== undefined && coordinate.startsWith(`${mutation}.`) && { refused: refusedCaller(identity) };
  for (const { coordinate, requirement, node } of parts) {
    try {
      authorize(identity, requirement);
    } catch (error) {
      if (!isCodedError(error)) throw error;
      const { code } = error;
      errors.push(
        new GraphQLError(`${error.message} (${coordinate})`, {
          nodes: node,
          extensions: { code, ...attempt(coordinate) },
        }),
      );
    }
  }
  return errors;
}

/** What is asked for: what a document reaches, and whether the answer is to be explained. */
export type Asked = Pick<Operation, "document" | "explains">;

/** Plans and timings tell of subgraphs what their data does not. */
function notForAdministrators({ subject }: Identity): GraphQLError {
  const { code, message } =
    subject === "anonymous"
      ? new CodedError("UNAUTHENTICATED", "This needs a bearer token")
      : new CodedError("FORBIDDEN", "Answers are explained to administrators only");
  return new GraphQLError(message, { extensions: { code, field: "explain" } });
}

/** Who attempted what changes something, for the log of `toClientError`; clients are never sent it. */
const refusedCaller = ({ subject, tenant, tokenId }: Identity) => ({ subject, tenant, tokenId });

/** Looked for once per document, however many callers are checked against it. */
function protectedParts(document: DocumentNode, supergraph: LoadedSupergraph): readonly ProtectedPart[] {
  const known = supergraph.protectedParts.get(document);
  if (known) return known;
  const found = findProtectedParts(document, supergraph);
  supergraph.protectedParts.set(document, found);
  return found;
}

/**
 * What a document reaches: every field with the type that it returns, the types that its fragments ask for, and
 * every type that something selected may turn out to be, so that not even `__typename` tells of an object that is not
 * for the caller.
 */
function findProtectedParts(
  document: DocumentNode,
  { apiSchema, requirements }: LoadedSupergraph,
): readonly ProtectedPart[] {
  const found = new Map<string, ProtectedPart>();
  const reach = (coordinate: string, node: ProtectedPart["node"]) => {
    const requirement = requirements.fields.get(coordinate) ?? requirements.types.get(coordinate);
    if (requirement && !found.has(coordinate)) found.set(coordinate, { coordinate, requirement, node });
  };
  const look = ({ selections }: SelectionSetNode, parent: GraphQLNamedType | undefined): void => {
    const types = possibleTypes(parent, apiSchema);
    for (const node of selections) {
      if (node.kind === Kind.FRAGMENT_SPREAD) continue;
      if (node.kind === Kind.INLINE_FRAGMENT) {
        lookInside(node, parent);
        continue;
      }
      const name = node.name.value;
      for (const type of types) {
        const coordinate = `${type}.${name}`;
        // What it asks as a field holds its type's own; `__typename` is no field of its type.
        reach(requirements.fields.has(coordinate) ? coordinate : type, node);
      }
      const field = parent && "getFields" in parent ? parent.getFields()[name] : undefined;
      if (node.selectionSet) look(node.selectionSet, field && getNamedType(field.type));
    }
  };
  const lookInside = (node: InlineFragmentNode | FragmentDefinitionNode, parent?: GraphQLNamedType): void => {
    const condition = node.typeCondition?.name.value;
    if (condition !== undefined) reach(condition, node);
    look(node.selectionSet, condition === undefined ? parent : apiSchema.getType(condition));
  };
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) lookInside(node);
    else if (node.kind === Kind.OPERATION_DEFINITION)
      look(node.selectionSet, apiSchema.getRootType(node.operation) ?? undefined);
  }
  return [...found.values()];
}

/** The types that an object may be of, its promised one first: a selection on an interface or union may meet any of its types, and all of them have to be allowed. */
function possibleTypes(parent: GraphQLNamedType | undefined, schema: GraphQLSchema): string[] {
  if (!parent) return [];
  const concrete = isAbstractType(parent) ? schema.getPossibleTypes(parent) : [];
  return [parent, ...concrete].map(({ name }) => name);
}
