import {
  BREAK,
  execute,
  getNamedType,
  getOperationAST,
  GraphQLError,
  isInputObjectType,
  Kind,
  OperationTypeNode,
  visit,
  type ASTNode,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLNamedType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type TypeNode,
} from "graphql";
import { compileQuery, isCompiledQuery } from "graphql-jit";
import { mixesConditions } from "./mixed-conditions.ts";

/** Executes one operation, like graphql-js does. */
export type CompiledExecutor = (args: ExecutionArgs) => ExecutionResult | Promise<ExecutionResult>;

/** A query compiled to functions; graphql-js itself for mutations and for what cannot be compiled. */
export function compiledExecutor(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string,
): CompiledExecutor {
  const operation = getOperationAST(document, operationName || null);
  const isCompilable =
    operation?.operation === OperationTypeNode.QUERY &&
    !takesRecursiveInput(schema, operation) &&
    !buriesVariables(document) &&
    !mixesConditions(document, operation);
  const compiled = isCompilable ? tryCompile(schema, document, operationName) : undefined;
  if (!compiled) return (args) => execute(args);
  return async (args) => {
    const result = await compiled(args.rootValue, args.contextValue, args.variableValues ?? {});
    return result.errors ? { ...result, errors: onePerNull(result).map(asUsual) } : result;
  };
}

/**
 * The compiler unrolls the input types of variables: one that contains itself would be unrolled for ever, and
 * take all memory.
 */
function takesRecursiveInput(
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
): boolean {
  const contains = (type: GraphQLNamedType | undefined, within: readonly GraphQLNamedType[]): boolean => {
    if (!isInputObjectType(type)) return false;
    if (within.includes(type)) return true;
    return Object.values(type.getFields()).some((field) =>
      contains(getNamedType(field.type), [...within, type]),
    );
  };
  return variableDefinitions.some(({ type }) => contains(schema.getType(nameOf(type)), []));
}

/**
 * Whether a variable stands inside a list or an object: the compiler takes one that is left out for null, and
 * drops all of them from literals of custom scalars.
 */
function buriesVariables(document: DocumentNode): boolean {
  let found = false;
  visit(document, {
    Variable: (_node, _key, parent) => {
      const isElement = Array.isArray(parent);
      const isField = !isElement && parent !== undefined && (parent as ASTNode).kind === Kind.OBJECT_FIELD;
      if (!isElement && !isField) return undefined;
      found = true;
      return BREAK;
    },
  });
  return found;
}

const nameOf = (type: TypeNode): string =>
  type.kind === Kind.NAMED_TYPE ? type.name.value : nameOf(type.type);

/**
 * One error for each null of the answer: the compiled query goes on after a failure and adds errors for what is below
 * a null already, one for each item of a list. Failures that made the null come last, so the field of the last one did;
 * its first failure is kept.
 */
function onePerNull({ data, errors = [] }: ExecutionResult): readonly GraphQLError[] {
  if (errors.length < 2) return errors;
  const groups = Map.groupBy(errors, ({ path }) => nullPlace(data, path));
  return [...groups].flatMap(([place, group]) => {
    if (place === undefined) return group;
    const cause = fieldOf(group.at(-1));
    return group.find((error) => fieldOf(error) === cause) ?? [];
  });
}

const fieldOf = (error: GraphQLError | undefined): string | undefined =>
  error?.path?.filter((key) => typeof key === "string").join();

/** Where the first null on the way to a place is, as text; undefined where there is none. */
function nullPlace(data: unknown, path: GraphQLError["path"] = []): string | undefined {
  let at = data;
  for (const [depth, key] of path.entries()) {
    if (at === null) return path.slice(0, depth).join();
    if (typeof at !== "object") return undefined;
    at = Reflect.get(at, key);
  }
  return at === null ? path.join() : undefined;
}

/** The library's errors look like those of graphql-js without being such. */
function asUsual(error: GraphQLError): GraphQLError {
  const { message, nodes, path, originalError, extensions } = error;
  return new GraphQLError(message, {
    nodes: nodes ?? null,
    path: path ?? null,
    originalError: originalError ?? null,
    extensions,
  });
}

function tryCompile(schema: GraphQLSchema, document: DocumentNode, operationName: string) {
  try {
    const compiled = compileQuery(schema, document, operationName || undefined);
    return isCompiledQuery(compiled) ? compiled.query : undefined;
  } catch {
    return undefined;
  }
}
