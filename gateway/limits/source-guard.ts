import {
  GraphQLError,
  Kind,
  OperationTypeNode,
  parse,
  type DocumentNode,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";
import { MAX_TOKENS } from "../prepare-operation.ts";
import { exceededLimit } from "./document-limits.ts";

/** Throws a GraphQLError for a document that is too large; anything else is left to those who come later. */
export type SourceGuard = (source: unknown) => void;

const REMEMBERED = 1_000;

/**
 * Guards Apollo Server, which validates before any plugin can refuse. Sources that passed are remembered,
 * so that a known operation is not parsed for this again.
 */
export function createSourceGuard(): SourceGuard {
  const passed = new Set<string>();
  return (source) => {
    if (typeof source !== "string" || passed.has(source)) return;
    const document = tryParse(source);
    const refusal = document && (exceededLimit(document) ?? conditionalTrigger(document));
    if (refusal) throw refusal;
    passed.add(source);
    if (passed.size > REMEMBERED) passed.delete(passed.values().next().value ?? "");
  };
}

/**
 * graphql-js cannot tell whether a subscription has one root field while a variable decides over it: its
 * rule throws. The specification forbids `@skip` and `@include` there.
 */
function conditionalTrigger(document: DocumentNode): GraphQLError | undefined {
  for (const node of document.definitions) {
    if (node.kind !== Kind.OPERATION_DEFINITION || node.operation !== OperationTypeNode.SUBSCRIPTION)
      continue;
    const conditional = rootSelections(node.selectionSet, document).find(({ directives }) =>
      directives?.some(({ name }) => name.value === "skip" || name.value === "include"),
    );
    if (!conditional) continue;
    const message = "@skip and @include are not allowed at the root of a subscription";
    const extensions = { code: "BAD_USER_INPUT", http: { status: 400 } };
    return new GraphQLError(message, { nodes: conditional, extensions });
  }
  return undefined;
}

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

function tryParse(source: string) {
  try {
    return parse(source, { maxTokens: MAX_TOKENS });
  } catch (error) {
    // What cannot be parsed gets its error from Apollo Server, except that it must not exhaust the stack there.
    if (error instanceof GraphQLError) return undefined;
    const extensions = { code: "OPERATION_TOO_COMPLEX", limit: "depth", http: { status: 400 } };
    throw new GraphQLError("The operation is nested too deeply to be parsed", { extensions });
  }
}
