import { readFileSync } from "node:fs";
import {
  Kind,
  parse,
  print,
  TokenKind,
  visit,
  type ASTNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
} from "graphql";
import type { SampleOperation } from "./operations.ts";

const FOLDER = new URL("../corpus/", import.meta.url);

/** An operation somebody wrote. */
export interface NamedOperation extends SampleOperation {
  name: string;
}

/**
 * The operations of a graph's file in `corpus/`, each with the fragments that it uses; a comment in front of
 * one may hold its variables as JSON.
 */
export function corpusOf(graph: string): NamedOperation[] {
  const { definitions } = parse(
    readFileSync(new URL(`${graph.replaceAll(" ", "-")}.graphql`, FOLDER), "utf8"),
  );
  const fragments = new Map(
    definitions
      .filter((node): node is FragmentDefinitionNode => node.kind === Kind.FRAGMENT_DEFINITION)
      .map((node) => [node.name.value, node]),
  );
  return definitions
    .filter((node): node is OperationDefinitionNode => node.kind === Kind.OPERATION_DEFINITION)
    .map((node) => ({
      name: node.name?.value ?? "",
      query: [node, ...usedBy(node, fragments)].map(print).join("\n"),
      variables: variablesBefore(node),
    }));
}

function usedBy(
  root: ASTNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): Set<FragmentDefinitionNode> {
  const used = new Set<FragmentDefinitionNode>();
  const look = (node: ASTNode) =>
    visit(node, {
      FragmentSpread: ({ name }) => {
        const fragment = fragments.get(name.value);
        if (!fragment) throw new Error(`no fragment ${name.value}`);
        if (!used.has(fragment)) look(fragment);
        used.add(fragment);
      },
    });
  look(root);
  return used;
}

function variablesBefore({ loc }: OperationDefinitionNode): Record<string, unknown> {
  const comment = loc?.startToken.prev;
  const text = comment?.kind === TokenKind.COMMENT ? comment.value.trim() : "";
  return text.startsWith("{") ? (JSON.parse(text) as Record<string, unknown>) : {};
}
