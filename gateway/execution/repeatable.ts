import {
  getOperationAST,
  Kind,
  OperationTypeNode,
  parse,
  type OperationDefinitionNode,
  type SelectionNode,
} from "graphql";

/** How the planner starts the text of what only reads. */
const QUERY = /^\s*(?:query\b|\{)/;

export const isQueryText = (query: string): boolean => QUERY.test(query);

/**
 * Whether a request may be sent a second time when the first got no answer: a query, or a mutation all of whose root
 * fields are certain to carry an `idempotencyKey`.
 */
export function isRepeatable(query: string): boolean {
  if (isQueryText(query)) return true;
  const operation = getOperationAST(parse(query, { noLocation: true }));
  if (operation?.operation !== OperationTypeNode.MUTATION) return false;
  return operation.selectionSet.selections.every((selection) => carriesKey(selection, operation));
}

function carriesKey(
  selection: SelectionNode,
  { variableDefinitions = [] }: OperationDefinitionNode,
): boolean {
  if (selection.kind !== Kind.FIELD) return false;
  const key = selection.arguments?.find(({ name }) => name.value === "idempotencyKey")?.value;
  if (key?.kind !== Kind.VARIABLE) return key?.kind === Kind.STRING;
  const { name } = key;
  return variableDefinitions.some(
    ({ variable, type }) => variable.name.value === name.value && type.kind === Kind.NON_NULL_TYPE,
  );
}
