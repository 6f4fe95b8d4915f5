import {
  GraphQLError,
  isAbstractType,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
} from "graphql";
import { authorize, type ProtectedField, type Requirement } from "../../lib/authorization.ts";
import { isCodedError, statusOf } from "../../lib/errors.ts";
import type { Identity } from "../../lib/identity.ts";
import type { LoadedSupergraph } from "../supergraph.ts";

/**
 * Checks every field of an operation against what it asks of its caller. Fail closed: one missing scope
 * refuses the whole operation, so that no part of it runs.
 */
export function refusals(
  document: DocumentNode,
  identity: Identity,
  supergraph: LoadedSupergraph,
): GraphQLError[] {
  const errors: GraphQLError[] = [];
  const mutation = supergraph.apiSchema.getMutationType()?.name;
  const attempt = (coordinate: string) =>
    mutation !== undefined && coordinate.startsWith(`${mutation}.`) && { refused: refusedCaller(identity) };
  for (const { coordinate, requirement, node } of protectedFields(document, supergraph)) {
    try {
      authorize(identity, requirement);
    } catch (error) {
      if (!isCodedError(error)) throw error;
      const { code } = error;
      errors.push(
        new GraphQLError(`${error.message} (${coordinate})`, {
          nodes: node,
          extensions: { code, http: { status: statusOf(code) }, ...attempt(coordinate) },
        }),
      );
    }
  }
  return errors;
}

/** Who attempted what changes something, for the log of `toClientError`; clients are never sent it. */
const refusedCaller = ({ subject, tenant, tokenId }: Identity) => ({ subject, tenant, tokenId });

/** What the fields of an operation ask of their caller. */
export const requirementsIn = (document: DocumentNode, supergraph: LoadedSupergraph): Requirement[] =>
  protectedFields(document, supergraph).map(({ requirement }) => requirement);

/** Looked for once per document, however many callers are checked against it. */
function protectedFields(document: DocumentNode, supergraph: LoadedSupergraph): readonly ProtectedField[] {
  const known = supergraph.protectedFields.get(document);
  if (known) return known;
  const found = findProtectedFields(document, supergraph);
  supergraph.protectedFields.set(document, found);
  return found;
}

function findProtectedFields(
  document: DocumentNode,
  { apiSchema, requirements }: LoadedSupergraph,
): readonly ProtectedField[] {
  const found = new Map<string, ProtectedField>();
  const types = new TypeInfo(apiSchema);
  visit(
    document,
    visitWithTypeInfo(types, {
      Field: (node) => {
        for (const coordinate of coordinatesOf(node, types, apiSchema)) {
          const requirement = requirements.get(coordinate);
          if (requirement && !found.has(coordinate)) found.set(coordinate, { coordinate, requirement, node });
        }
      },
    }),
  );
  return [...found.values()];
}

/** A field of an interface may be any of its implementations' fields: all of them have to be allowed. */
function coordinatesOf(node: FieldNode, types: TypeInfo, schema: GraphQLSchema): string[] {
  const parent = types.getParentType();
  if (!parent) return [];
  const concrete = isAbstractType(parent) ? schema.getPossibleTypes(parent) : [];
  return [parent, ...concrete].map((type) => `${type.name}.${node.name.value}`);
}
