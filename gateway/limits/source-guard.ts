import {
  GraphQLError,
  Kind,
  OperationTypeNode,
  type DocumentNode,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";
import { isCodedError } from "../../lib/errors.ts";
import { asGraphQLError } from "../errors.ts";
import type { Limits } from "./limits.ts";
import { createTextMemory } from "../../lib/text-memory.ts";

/** Throws a GraphQLError for a document that is too large; anything else is left to those who come later. */
export type SourceGuard = (source: unknown) => void;

/**
 * Guards Apollo Server, which validates before any plugin can refuse. Sources that passed are remembered,
 * so that a known operation is not parsed for this again.
 */
export function createSourceGuard(limits: Limits): SourceGuard {
  const passed = createTextMemory<true>();
  return (source) => {
    if (typeof source !== "string" || passed.get(source)) return;
    const document = limits.document(source);
    if (isCodedError(document)) throw asGraphQLError(document);
    const refusal = "kind" in document && conditionalTrigger(document);
    if (refusal) throw refusal;
    passed.set(source, true);
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
