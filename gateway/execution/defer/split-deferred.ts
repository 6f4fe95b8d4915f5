import {
  Kind,
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type InlineFragmentNode,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";
import type { Operation } from "../engine.ts";

/** A fragment that is answered later than what is around it. */
export interface DeferredPart {
  /** Our own name for it, unique in the operation. */
  id: string;
  /** The client's name for it. */
  label: string | undefined;
  /** Response names that lead to the object that it belongs to. */
  path: readonly string[];
  /** The deferred part that it lies in. */
  parent: string | undefined;
  /** The operation reduced to the way there and the fragment itself. */
  document: DocumentNode;
}

export interface SplitOperation {
  /** The operation with our names in place of the client's labels, for the planner. */
  labelled: DocumentNode;
  /** The operation without its deferred parts. */
  primary: DocumentNode;
  parts: readonly DeferredPart[];
}

/** Keeps a selection set from becoming empty without its deferred parts; never leaves the gateway. */
export const MARKER = "gatewayDeferred";

/** Takes an operation apart at its `@defer`s; undefined when none is active with these variables. */
export function splitDeferred({ document, definition, variables }: Operation): SplitOperation | undefined {
  const labels = new Map<string, string | undefined>();
  const expanded = expand(definition.selectionSet, {
    fragments: new Map(
      document.definitions.flatMap((node) =>
        node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [],
      ),
    ),
    variables: { ...defaultsOf(definition), ...variables },
    labels,
  });
  if (labels.size === 0) return undefined;
  const asDocument = (selectionSet: SelectionSetNode): DocumentNode => ({
    kind: Kind.DOCUMENT,
    definitions: [{ ...definition, selectionSet }],
  });
  const places = placesIn(expanded, { path: [], parent: undefined });
  return {
    labelled: asDocument(expanded),
    primary: asDocument(withoutDeferred(expanded)),
    parts: places.map(({ id, path, parent }) => ({
      id,
      label: labels.get(id),
      path,
      parent,
      document: asDocument(wayTo(expanded, id) ?? expanded),
    })),
  };
}

interface Expansion {
  fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  variables: Readonly<Record<string, unknown>>;
  /** The clients' labels by our own; filled on the way. */
  labels: Map<string, string | undefined>;
}

/** Fragments in the place of their names, so that each `@defer` stands in one place. */
function expand({ selections, ...set }: SelectionSetNode, expansion: Expansion): SelectionSetNode {
  const expanded = selections.map((selection): SelectionNode => {
    if (selection.kind === Kind.FIELD) {
      const inner = selection.selectionSet && expand(selection.selectionSet, expansion);
      return inner ? { ...selection, selectionSet: inner } : selection;
    }
    const fragment =
      selection.kind === Kind.INLINE_FRAGMENT ? selection : expansion.fragments.get(selection.name.value);
    if (!fragment) return selection;
    const directives = relabelled(selection.directives ?? [], expansion);
    const { typeCondition } = fragment;
    const inner = expand(fragment.selectionSet, expansion);
    return {
      kind: Kind.INLINE_FRAGMENT,
      directives,
      selectionSet: inner,
      ...(typeCondition && { typeCondition }),
    };
  });
  const isSplit = expanded.some((selection) => idOf(selection) !== undefined);
  return { ...set, selections: isSplit ? [MARKER_FIELD, ...expanded] : expanded };
}

const MARKER_FIELD: FieldNode = {
  kind: Kind.FIELD,
  alias: { kind: Kind.NAME, value: MARKER },
  name: { kind: Kind.NAME, value: "__typename" },
};

/** An active `@defer` gets a name of ours, any other goes. */
function relabelled(directives: readonly DirectiveNode[], { variables, labels }: Expansion): DirectiveNode[] {
  return directives.flatMap((directive) => {
    if (directive.name.value !== "defer") return [directive];
    const argument = (name: string) => directive.arguments?.find((given) => given.name.value === name)?.value;
    const condition = argument("if");
    const wanted =
      condition?.kind === Kind.VARIABLE
        ? variables[condition.name.value] !== false
        : !(condition?.kind === Kind.BOOLEAN && !condition.value);
    if (!wanted) return [];
    const id = `deferred${labels.size}`;
    const label = argument("label");
    labels.set(id, label?.kind === Kind.STRING ? label.value : undefined);
    const own = {
      kind: Kind.ARGUMENT,
      name: { kind: Kind.NAME, value: "label" },
      value: { kind: Kind.STRING, value: id },
    } as const;
    return [{ ...directive, arguments: [own] }];
  });
}

const deferOf = (selection: SelectionNode) =>
  selection.directives?.find(({ name }) => name.value === "defer");

/** Our name of a deferred fragment. */
function idOf(selection: SelectionNode): string | undefined {
  const value = deferOf(selection)?.arguments?.[0]?.value;
  return value?.kind === Kind.STRING ? value.value : undefined;
}

interface Place {
  path: readonly string[];
  parent: string | undefined;
}

function placesIn(set: SelectionSetNode, place: Place): (Place & { id: string })[] {
  return set.selections.flatMap((selection) => {
    if (selection.kind === Kind.FRAGMENT_SPREAD || !selection.selectionSet) return [];
    if (selection.kind === Kind.FIELD) {
      const path = [...place.path, (selection.alias ?? selection.name).value];
      return placesIn(selection.selectionSet, { ...place, path });
    }
    const id = idOf(selection);
    if (id === undefined) return placesIn(selection.selectionSet, place);
    return [{ ...place, id }, ...placesIn(selection.selectionSet, { ...place, parent: id })];
  });
}

function withoutDeferred({ selections, ...set }: SelectionSetNode): SelectionSetNode {
  const kept = selections.filter((selection) => idOf(selection) === undefined);
  return {
    ...set,
    selections: kept.map((selection) =>
      selection.kind === Kind.FRAGMENT_SPREAD || !selection.selectionSet
        ? selection
        : { ...selection, selectionSet: withoutDeferred(selection.selectionSet) },
    ),
  };
}

/** Only what leads to a deferred fragment, and the fragment without what is deferred inside of it. */
function wayTo({ selections, ...set }: SelectionSetNode, id: string): SelectionSetNode | undefined {
  for (const selection of selections) {
    if (selection.kind === Kind.FRAGMENT_SPREAD || !selection.selectionSet) continue;
    const isThere = idOf(selection) === id;
    const inner = isThere ? withoutDeferred(selection.selectionSet) : wayTo(selection.selectionSet, id);
    if (inner) return { ...set, selections: [{ ...undeferred(selection), selectionSet: inner }] };
  }
  return undefined;
}

const undeferred = <T extends FieldNode | InlineFragmentNode>(selection: T): T => ({
  ...selection,
  directives: (selection.directives ?? []).filter(({ name }) => name.value !== "defer"),
});

const defaultsOf = ({ variableDefinitions = [] }: OperationDefinitionNode): Record<string, unknown> =>
  Object.fromEntries(
    variableDefinitions.flatMap(({ variable, defaultValue }) =>
      defaultValue?.kind === Kind.BOOLEAN ? [[variable.name.value, defaultValue.value] as const] : [],
    ),
  );
