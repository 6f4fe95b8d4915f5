import { Kind, OperationTypeNode, parse, type OperationDefinitionNode } from "graphql";

/** An operation of a document, as it is asked for. */
interface ChosenOperation {
  name: string | undefined;
  isSubscription: boolean;
}

/** The operation that the cursor is in, or the first; a document that cannot be read is sent as it is. */
export function operationAt(query: string, position: number): ChosenOperation {
  const operations = operationsIn(query);
  const chosen =
    operations.find(({ loc }) => loc && loc.start <= position && position <= loc.end) ?? operations[0];
  return {
    name: operations.length > 1 ? chosen?.name?.value : undefined,
    isSubscription: chosen?.operation === OperationTypeNode.SUBSCRIPTION,
  };
}

function operationsIn(query: string): OperationDefinitionNode[] {
  try {
    return parse(query).definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION);
  } catch {
    return [];
  }
}
