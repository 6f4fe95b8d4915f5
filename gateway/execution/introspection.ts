import { execute, Kind, type ExecutionResult, type SelectionNode, type SelectionSetNode } from "graphql";
import type { LoadedSupergraph } from "../supergraph/supergraph.ts";
import { isIncluded, isIntrospection, type DecidedOperation } from "./decided.ts";
import type { Run } from "./run.ts";

/** What an operation asks of the schema is for the reference to answer. */
export function introspection(
  { apiSchema }: LoadedSupergraph,
  { definition, fragments, decisions }: DecidedOperation,
): ((run: Run) => void) | undefined {
  const asked = collectIntrospection(definition.selectionSet, { fragments, decisions });
  if (asked.length === 0) return undefined;
  const own = { ...definition, selectionSet: { ...definition.selectionSet, selections: asked } };
  const document = { kind: Kind.DOCUMENT, definitions: [own, ...fragments.values()] } as const;
  return (run) => {
    const result = execute({ schema: apiSchema, document, variableValues: run.variables }) as ExecutionResult;
    run.isPlain = false;
    Object.assign(run.data, result.data);
  };
}

function collectIntrospection(
  { selections }: SelectionSetNode,
  operation: Pick<DecidedOperation, "fragments" | "decisions">,
): SelectionNode[] {
  return selections.flatMap((selection) => {
    if (!isIncluded(selection, operation.decisions)) return [];
    if (selection.kind === Kind.FIELD) return isIntrospection(selection) ? [selection] : [];
    const set =
      selection.kind === Kind.INLINE_FRAGMENT
        ? selection.selectionSet
        : operation.fragments.get(selection.name.value)?.selectionSet;
    return set ? collectIntrospection(set, operation) : [];
  });
}
