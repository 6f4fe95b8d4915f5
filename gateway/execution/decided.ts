import {
  Kind,
  print,
  type ASTNode,
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";
import type { ReservedNames } from "../supergraph/joins.ts";

/** What the variables in `@include` and `@skip` are worth, by name. */
export type Decisions = Readonly<Record<string, boolean>>;

/** An operation whose `@include` and `@skip` are decided: what is left out does not exist for anybody. */
export interface DecidedOperation {
  definition: OperationDefinitionNode;
  fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  decisions: Decisions;
  reserved: ReservedNames;
}

export const fragmentsOf = ({ definitions }: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> =>
  new Map(
    definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [],
    ),
  );

/** The variables that decide what an operation selects. */
export function decidingVariables(
  definition: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): string[] {
  const found = new Set<string>();
  const seen = new Set<string>();
  const look = ({ selections }: SelectionSetNode): void => {
    for (const selection of selections) {
      for (const directive of selection.directives ?? []) {
        const condition = conditionOf(directive);
        if (condition?.kind === Kind.VARIABLE) found.add(condition.name.value);
      }
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        const name = selection.name.value;
        if (!seen.has(name)) {
          seen.add(name);
          const fragment = fragments.get(name);
          if (fragment) look(fragment.selectionSet);
        }
      } else if (selection.selectionSet) look(selection.selectionSet);
    }
  };
  look(definition.selectionSet);
  return [...found].toSorted();
}

const conditionOf = ({ name, arguments: [given] = [] }: DirectiveNode) =>
  name.value === "include" || name.value === "skip" ? given?.value : undefined;

/** Whether `@include` and `@skip` let a selection pass. */
export function isIncluded({ directives }: SelectionNode, decisions: Decisions): boolean {
  if (!directives || directives.length === 0) return true;
  return directives.every((directive) => {
    const condition = conditionOf(directive);
    if (!condition) return true;
    const value =
      condition.kind === Kind.VARIABLE
        ? decisions[condition.name.value] === true
        : condition.kind === Kind.BOOLEAN && condition.value;
    return value === (directive.name.value === "include");
  });
}

const OURS = "_gw_";

/**
 * The name of a field in the data. It is that in the response, unless the planner may ask for another field under that
 * name: a key, a required field, or one that every object of the language inherits.
 */
export function keyInData(
  { alias, name, arguments: given = [] }: FieldNode,
  reserved: ReservedNames,
): string {
  const key = (alias ?? name).value;
  const isPlain = key === name.value && given.length === 0;
  const other = reserved.get(key);
  const isTaken = other !== undefined && !(isPlain && other.isPlain);
  return isTaken || key in {} || key.startsWith(OURS) ? OURS + key : key;
}

/** What clients may ask of the schema itself; the gateway answers that. */
export const isIntrospection = ({ name: { value } }: FieldNode): boolean =>
  value === "__schema" || value === "__type";

/**
 * The operation as a planner gets it: decided, under the names of the data, without what is answered here. Undefined when
 * nothing is left to plan. `keepsDefer` is for the planner that splits plans at `@defer`.
 */
export function textOfOperation(operation: DecidedOperation, keepsDefer = false): string | undefined {
  const { definition, fragments } = operation;
  const used = new Map<string, string>();
  const othersText = (directives: readonly DirectiveNode[] = []): string =>
    directives
      .filter((directive) => !conditionOf(directive) && (keepsDefer || directive.name.value !== "defer"))
      .map((directive) => `@${directive.name.value}${argumentsText(directive)}`)
      .join("");

  const setText = ({ selections }: SelectionSetNode, isRoot: boolean): string => {
    const parts: string[] = [];
    for (const selection of selections) {
      if (!isIncluded(selection, operation.decisions)) continue;
      const text = selectionText(selection, isRoot);
      if (text) parts.push(text);
    }
    if (isRoot && parts.length === 0) return "";
    // An object whose fields are all left out is still an object.
    return `{${parts.length > 0 ? parts.join(" ") : "__typename"}}`;
  };
  const selectionText = (selection: SelectionNode, isRoot: boolean): string | undefined => {
    if (selection.kind === Kind.FIELD) return fieldText(selection, isRoot);
    const others = othersText(selection.directives);
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      const set = setText(selection.selectionSet, isRoot);
      const condition = selection.typeCondition ? ` on ${selection.typeCondition.name.value}` : "";
      return set && `...${condition}${others}${set}`;
    }
    const name = selection.name.value;
    const fragment = fragments.get(name);
    if (!fragment) return undefined;
    if (isRoot) {
      const set = setText(fragment.selectionSet, true);
      return set && `...on ${fragment.typeCondition.name.value}${others}${set}`;
    }
    if (!used.has(name)) {
      used.set(name, "");
      used.set(
        name,
        `fragment ${name} on ${fragment.typeCondition.name.value}${setText(fragment.selectionSet, false)}`,
      );
    }
    return `...${name}${others}`;
  };
  const fieldText = (field: FieldNode, isRoot: boolean): string | undefined => {
    const name = field.name.value;
    if (name === "__typename") return isRoot ? undefined : "__typename";
    if (isRoot && isIntrospection(field)) return undefined;
    const key = keyInData(field, operation.reserved);
    const head = key === name ? name : `${key}:${name}`;
    const inside = field.selectionSet ? setText(field.selectionSet, false) : "";
    return `${head}${argumentsText(field)}${othersText(field.directives)}${inside}`;
  };

  const root = setText(definition.selectionSet, true);
  if (root === "") return undefined;
  const variables = (definition.variableDefinitions ?? []).map(sourceOf).join(" ");
  const name = definition.name ? ` ${definition.name.value}` : "";
  const head = `${definition.operation}${name}${variables && `(${variables})`}`;
  return [`${head}${root}`, ...used.values()].join("\n");
}

const argumentsText = ({ arguments: given = [] }: FieldNode | DirectiveNode): string =>
  given.length === 0 ? "" : `(${given.map(sourceOf).join(" ")})`;

/** A part of a document as its author wrote it. */
function sourceOf(node: ASTNode): string {
  const { loc } = node;
  return loc ? loc.source.body.slice(loc.start, loc.end) : print(node);
}
