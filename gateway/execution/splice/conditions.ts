import { operationFromDocument, type Operation } from "@apollo/federation-internals";
import type { PlanNode } from "@apollo/query-planner";
import { Kind, parse, visit, type DirectiveNode, type DocumentNode } from "graphql";
import { NotCompilable } from "../compile/not-compilable.ts";
import type { LoadedSupergraph } from "../../supergraph.ts";
import type { Planned } from "../plan-store.ts";

/** What the variables in `@include` and `@skip` are worth, by name. */
export type Decisions = Readonly<Record<string, boolean>>;

const isCondition = ({ name: { value } }: DirectiveNode) => value === "include" || value === "skip";

/** The variables that decide what an operation selects. */
export function decidingVariables({ context: { operation, fragments } }: Planned): string[] {
  const found = new Set<string>();
  const look = {
    Directive: (node: DirectiveNode) => {
      const value = node.arguments?.[0]?.value;
      if (isCondition(node) && value?.kind === Kind.VARIABLE) found.add(value.name.value);
    },
  };
  for (const definition of [operation, ...Object.values(fragments)]) visit(definition, look);
  // Fragments may be those of other operations of the document.
  const own = new Set(operation.variableDefinitions?.map(({ variable }) => variable.name.value));
  return [...found].filter((name) => own.has(name));
}

/**
 * The operation that a client could have sent instead, having decided by itself.
 *
 * @throws NotCompilable when nothing is left of a selection, which no client can send
 */
export function decideOperation(
  { context: { operation, fragments } }: Planned,
  decisions: Decisions,
  { federationApiSchema }: LoadedSupergraph,
): Operation {
  const definitions = [operation, ...Object.values(fragments)];
  return operationFromDocument(federationApiSchema, decide({ kind: Kind.DOCUMENT, definitions }, decisions));
}

/** What a fetch asks for once it is decided. */
export const decideText = (text: string, decisions: Decisions): DocumentNode =>
  decide(parse(text, { noLocation: true }), decisions);

/** A plan without its conditions; undefined when nothing is left to do. */
export function decidePlan(node: PlanNode, decisions: Decisions): PlanNode | undefined {
  if (node.kind === "Condition") {
    const clause = decisions[node.condition] ? node.ifClause : node.elseClause;
    return clause && decidePlan(clause, decisions);
  }
  if (node.kind !== "Sequence") return node;
  const nodes = node.nodes.flatMap((child) => decidePlan(child, decisions) ?? []);
  return nodes.length > 1 ? { ...node, nodes } : nodes[0];
}

function decide(document: DocumentNode, decisions: Decisions): DocumentNode {
  const element = <T extends { readonly directives?: readonly DirectiveNode[] }>(node: T) => {
    let directives = node.directives ?? [];
    for (const directive of directives) {
      const value = directive.arguments?.[0]?.value;
      if (!isCondition(directive) || value?.kind !== Kind.VARIABLE) continue;
      if (decisions[value.name.value] !== (directive.name.value === "include")) return null;
      directives = directives.filter((other) => other !== directive);
    }
    return directives === node.directives ? undefined : { ...node, directives };
  };
  return visit(document, {
    Field: element,
    InlineFragment: element,
    FragmentSpread: element,
    SelectionSet: {
      leave: ({ selections }) => {
        if (selections.length === 0) throw new NotCompilable("an empty selection");
      },
    },
  });
}
