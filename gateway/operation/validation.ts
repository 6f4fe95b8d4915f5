import {
  GraphQLError,
  Kind,
  KnownTypeNamesRule,
  TypeInfo,
  ValidationContext,
  type ASTNode,
  type ASTVisitFn,
  type ASTVisitor,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type ValidationRule,
} from "graphql";

/** What is wrong with a document, in the words and the order of graphql-js; one more says so where there is more than `maxErrors`. */
export type Validate = (
  schema: GraphQLSchema,
  document: DocumentNode,
  options: { maxErrors: number },
) => readonly GraphQLError[];

/**
 * graphql-js' rules in a walk of our own. Its own one can change what it visits and knows every kind of node, asks each rule at
 * each node, and looks all of them up for all kinds of nodes in every document: with this one a document takes about half of
 * the time. Rules look and do not change, so what a rule answers matters only where it is `false`, which keeps it out of what is
 * below. Definitions of types are refused, whatever stands in them.
 *
 * The schema has to be valid.
 */
export function createValidate(rules: readonly ValidationRule[]): Validate {
  const own = rules.map((rule) => (rule === KnownTypeNamesRule ? knownTypeNames : rule));
  const wanted = new Map<string, Wanted>();
  return (schema, document, { maxErrors }) => {
    const types = new TypeInfo(schema);
    const errors: GraphQLError[] = [];
    const context = new DocumentContext(schema, document, types, (error) => {
      if (errors.length >= maxErrors) throw new GraphQLError(TOO_MANY);
      errors.push(error);
    });
    try {
      const visitors = own.map((rule) => rule(context));
      walk(document, types, seeingAll(visitors, wanted));
    } catch (error) {
      // Values and types may be nested deeper than recursion goes, as in a parser's.
      if (error instanceof RangeError) errors.push(new GraphQLError(TOO_DEEP));
      else if (error instanceof GraphQLError) errors.push(error);
      else throw error;
    }
    return errors;
  };
}

const TOO_DEEP = "The document is nested too deeply; nest fewer lists, objects and fragments in each other";
const TOO_MANY = "Too many validation errors, error limit reached. Validation aborted.";

/** Where a definition uses variables is found in the same way. */
class DocumentContext extends ValidationContext {
  readonly #usages = new Map<ASTNode, Usages>();

  override getVariableUsages(top: OperationDefinitionNode | FragmentDefinitionNode): Usages {
    const known = this.#usages.get(top) ?? variableUsages(this.getSchema(), top);
    this.#usages.set(top, known);
    return known;
  }
}

type Usages = ReturnType<ValidationContext["getVariableUsages"]>;

function variableUsages(
  schema: GraphQLSchema,
  top: OperationDefinitionNode | FragmentDefinitionNode,
): Usages {
  const types = new TypeInfo(schema);
  const found: Usages[number][] = [];
  let isDefining = false;
  walk(top, types, {
    enter: (node) => {
      if (node.kind === Kind.VARIABLE_DEFINITION) isDefining = true;
      if (node.kind !== Kind.VARIABLE || isDefining) return;
      const [type, defaultValue] = [types.getInputType(), types.getDefaultValue()];
      found.push({ node, type, defaultValue, parentType: types.getParentInputType() });
    },
    leave: ({ kind }) => {
      if (kind === Kind.VARIABLE_DEFINITION) isDefining = false;
    },
  });
  return found;
}

/** The type names of a schema are many, and only needed to suggest one. */
const knownTypeNames: ValidationRule = (context) => {
  let visitor: ASTVisitor | undefined;
  return {
    NamedType: (node, ...place) => {
      if (context.getSchema().getType(node.name.value)) return;
      visitor ??= KnownTypeNamesRule(context);
      (visitor as { NamedType: ASTVisitFn<ASTNode> }).NamedType(node, ...place);
    },
  };
};

/** Told of each node, with all that graphql-js tells its visitors but the path. */
interface Seeing {
  enter: (...place: Place) => void;
  leave: (...place: Place) => void;
}
type Place = Parameters<ASTVisitFn<ASTNode>>;

/** The numbers of the rules that want to know of nodes of one kind, and how they say so. */
interface Wanted {
  enter: readonly Wish[];
  leave: readonly Wish[];
}
interface Wish {
  rule: number;
  /** The call as it stands in the rule's visitor. */
  callOf: (visitor: ASTVisitor) => ASTVisitFn<ASTNode>;
}

function seeingAll(visitors: readonly ASTVisitor[], wanted: Map<string, Wanted>): Seeing {
  /** Below which node a rule looks at nothing. */
  const blind = new Map<number, ASTNode>();
  const wantedAt = (kind: ASTNode["kind"]): Wanted => {
    const known = wanted.get(kind) ?? wantedBy(visitors, kind);
    wanted.set(kind, known);
    return known;
  };
  const tell = (phase: keyof Wanted, place: Place): void => {
    const [node] = place;
    for (const { rule, callOf } of wantedAt(node.kind)[phase]) {
      const visitor = visitors[rule];
      if (!visitor || (blind.size > 0 && blind.has(rule))) continue;
      if (callOf(visitor).apply(visitor, place) === false && phase === "enter") blind.set(rule, node);
    }
  };
  return {
    enter: (...place) => tell("enter", place),
    leave: (...place) => {
      tell("leave", place);
      if (blind.size > 0) for (const [rule, top] of blind) if (top === place[0]) blind.delete(rule);
    },
  };
}

/** As graphql-js reads a visitor: a function or a pair for one kind, or a pair for all kinds. */
function wantedBy(visitors: readonly ASTVisitor[], kind: ASTNode["kind"]): Wanted {
  const wishes = (phase: keyof Wanted) =>
    visitors.flatMap((visitor, rule): Wish[] => {
      const own: unknown = Reflect.get(visitor, kind);
      const read = (from: ASTVisitor): unknown =>
        typeof own === "function"
          ? Reflect.get(from, kind)
          : Reflect.get(own ? (Reflect.get(from, kind) as object) : from, phase);
      const isMeant = typeof own !== "function" || phase === "enter";
      if (!isMeant || typeof read(visitor) !== "function") return [];
      return [{ rule, callOf: (from) => read(from) as ASTVisitFn<ASTNode> }];
    });
  return { enter: wishes("enter"), leave: wishes("leave") };
}

/** What is visited below a node, in the order of graphql-js; names are told by those who have them. */
const BELOW: Readonly<Partial<Record<ASTNode["kind"], readonly string[]>>> = {
  Document: ["definitions"],
  OperationDefinition: ["variableDefinitions", "directives", "selectionSet"],
  VariableDefinition: ["variable", "type", "defaultValue", "directives"],
  SelectionSet: ["selections"],
  Field: ["arguments", "directives", "selectionSet"],
  Argument: ["value"],
  FragmentSpread: ["directives"],
  InlineFragment: ["typeCondition", "directives", "selectionSet"],
  FragmentDefinition: ["variableDefinitions", "typeCondition", "directives", "selectionSet"],
  ListValue: ["values"],
  ObjectValue: ["fields"],
  ObjectField: ["value"],
  Directive: ["arguments"],
  ListType: ["type"],
  NonNullType: ["type"],
};
const NO_PATH: readonly string[] = [];

/** Visits a node and all below it, with the types that stand there. */
function walk(top: ASTNode, types: TypeInfo, { enter, leave }: Seeing): void {
  const ancestors: (ASTNode | readonly ASTNode[])[] = [];
  const visit = (node: ASTNode, key: Place[1], parent: Place[2]): void => {
    types.enter(node);
    enter(node, key, parent, NO_PATH, ancestors);
    if (parent) ancestors.push(parent);
    for (const name of BELOW[node.kind] ?? []) {
      const child = Reflect.get(node, name) as ASTNode | readonly ASTNode[] | undefined;
      if (child === undefined) continue;
      if ("kind" in child) {
        visit(child, name, node);
        continue;
      }
      ancestors.push(node);
      for (const [index, each] of child.entries()) visit(each, index, child);
      ancestors.pop();
    }
    if (parent) ancestors.pop();
    leave(node, key, parent, NO_PATH, ancestors);
    types.leave(node);
  };
  visit(top, undefined, undefined);
}
