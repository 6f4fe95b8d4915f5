import type { ASTNode, ASTVisitFn, ASTVisitor, ValidationRule } from "graphql";

interface Call {
  rule: number;
  call: ASTVisitFn<ASTNode>;
}

/** What the rules want of nodes of one kind: each with the number of its rule. */
interface Wanted {
  enter: readonly Call[];
  leave: readonly Call[];
}

/**
 * Several validation rules as a single one. graphql-js asks each rule at each node, and looks all of them up for all kinds of
 * nodes in every document: with this a document takes three quarters of the time. Rules look and do not change, so what a rule
 * answers matters only where it is `false`, which keeps it out of what is below.
 *
 * @example validate(schema, document, [oneRule(specifiedRules)])
 */
export const oneRule =
  (rules: readonly ValidationRule[]): ValidationRule =>
  (context) => {
    const visitors = rules.map((rule) => rule(context));
    const byKind = new Map<string, Wanted>();
    const wantedAt = (kind: ASTNode["kind"]): Wanted => {
      const known = byKind.get(kind);
      if (known) return known;
      const wanted = wantedBy(visitors, kind);
      byKind.set(kind, wanted);
      return wanted;
    };
    /** Below which node a rule looks at nothing. */
    const blind = new Map<number, ASTNode>();
    return {
      enter: (node, ...place) => {
        for (const { rule, call } of wantedAt(node.kind).enter)
          if ((blind.size === 0 || !blind.has(rule)) && call(node, ...place) === false) blind.set(rule, node);
      },
      leave: (node, ...place) => {
        for (const { rule, call } of wantedAt(node.kind).leave)
          if (blind.size === 0 || !blind.has(rule)) call(node, ...place);
        if (blind.size > 0) for (const [rule, top] of blind) if (top === node) blind.delete(rule);
      },
    };
  };

/** As graphql-js reads a visitor: a function or a pair for one kind, or a pair for all kinds. */
function wantedBy(visitors: readonly ASTVisitor[], kind: ASTNode["kind"]): Wanted {
  const calls = (phase: "enter" | "leave") =>
    visitors.flatMap((visitor, rule) => {
      const own: unknown = Reflect.get(visitor, kind);
      const isEnter = typeof own === "function" && phase === "enter";
      const pair = typeof own === "function" ? {} : (own ?? visitor);
      const call: unknown = isEnter ? own : Reflect.get(pair, phase);
      return typeof call === "function" ? [{ rule, call: (call as ASTVisitFn<ASTNode>).bind(visitor) }] : [];
    });
  return { enter: calls("enter"), leave: calls("leave") };
}
