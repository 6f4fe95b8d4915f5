import {
  GraphQLError,
  isAbstractType,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  type InlineFragmentNode,
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
  const types = new TypeInfo(apiSchema);
  const reach = (coordinate: string, node: ProtectedPart["node"]) => {
    const requirement = requirements.fields.get(coordinate) ?? requirements.types.get(coordinate);
    if (requirement && !found.has(coordinate)) found.set(coordinate, { coordinate, requirement, node });
  };
  const condition = (node: InlineFragmentNode | FragmentDefinitionNode) => {
    if (node.typeCondition) reach(node.typeCondition.name.value, node);
  };
  visit(
    document,
    visitWithTypeInfo(types, {
      Field: (node) => {
        for (const type of possibleParents(types, apiSchema)) {
          const coordinate = `${type}.${node.name.value}`;
          // What it asks as a field holds its type's own; `__typename` is no field of its type.
          reach(requirements.fields.has(coordinate) ? coordinate : type, node);
        }
      },
      InlineFragment: condition,
      FragmentDefinition: condition,
    }),
  );
  return [...found.values()];
}

/** A selection on an interface or union may meet any of its types: all of them have to be allowed. */
function possibleParents(types: TypeInfo, schema: GraphQLSchema): string[] {
  const parent = types.getParentType();
  if (!parent) return [];
  const concrete = isAbstractType(parent) ? schema.getPossibleTypes(parent) : [];
  return [parent, ...concrete].map(({ name }) => name);
}
