import {
  Kind,
  type DocumentNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";

/** How large an operation may be, after its fragments are expanded. */
export interface DocumentLimits {
  /** Levels of nesting; inline fragments count from `MOST_INLINE` on. */
  depth: number;
  /** Fields that are renamed. */
  aliases: number;
  /** Fields at the root. */
  rootFields: number;
  /** Directives that are applied. */
  directives: number;
  /** Fields in total. */
  fields: number;
}

/**
 * The first limit that a document exceeds, or undefined. Runs before validation, so that
 * validation never sees a document that would keep it busy; counting stops at the first limit, so that
 * fragments which multiply cost no more than small ones.
 */
export function exceededLimit(document: DocumentNode, limits: DocumentLimits): LimitName | undefined {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  }
  for (const node of document.definitions) {
    if (node.kind !== Kind.OPERATION_DEFINITION && node.kind !== Kind.FRAGMENT_DEFINITION) continue;
    const exceeded = measure(node, { fragments, limits });
    if (exceeded) return exceeded;
  }
  return undefined;
}

/** Fragments count on their own too: validation reads them whether they are used or not. */
type Executable = OperationDefinitionNode | FragmentDefinitionNode;

type LimitName = keyof DocumentLimits;

interface Measuring {
  fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  limits: DocumentLimits;
}

/** Inline fragments in each other that are no nesting yet. Whatever reads a document by recursion bears that many. */
const MOST_INLINE = 200;

interface Level {
  selections: SelectionSetNode;
  depth: number;
  /** Inline fragments around it. */
  inline: number;
  /** Fragments that are open here; one inside itself is left to validation. */
  within: readonly string[];
}

type Counts = Record<LimitName, number>;

function measure(definition: Executable, { fragments, limits }: Measuring): LimitName | undefined {
  const counts: Counts = {
    depth: 0,
    aliases: 0,
    rootFields: 0,
    directives: definition.directives?.length ?? 0,
    fields: 0,
  };
  const rootDepth = definition.kind === Kind.OPERATION_DEFINITION ? 1 : Number.NaN;
  const names = Object.keys(counts) as LimitName[];
  const open: Level[] = [{ selections: definition.selectionSet, depth: 1, inline: 0, within: [] }];
  for (let level = open.pop(); level; level = open.pop()) {
    counts.depth = Math.max(counts.depth, level.depth + Math.max(0, level.inline - MOST_INLINE));
    for (const node of level.selections.selections) {
      count(node, counts, level.depth === rootDepth);
      const exceeded = names.find((limit) => counts[limit] > limits[limit]);
      if (exceeded) return exceeded;
      const below = levelBelow(node, level, fragments);
      if (below) open.push(below);
    }
  }
  return undefined;
}

/** A spread counts like a field: a chain of them that selects nothing is work, too. */
function count(node: SelectionNode, counts: Counts, isRoot: boolean): void {
  counts.directives += node.directives?.length ?? 0;
  if (node.kind === Kind.INLINE_FRAGMENT) return;
  counts.fields += 1;
  if (node.kind !== Kind.FIELD) return;
  if (isRoot) counts.rootFields += 1;
  if (node.alias) counts.aliases += 1;
}

function levelBelow(node: SelectionNode, level: Level, fragments: Measuring["fragments"]): Level | undefined {
  if (node.kind === Kind.FIELD)
    return node.selectionSet && { ...level, selections: node.selectionSet, depth: level.depth + 1 };
  if (node.kind === Kind.INLINE_FRAGMENT)
    return { ...level, selections: node.selectionSet, inline: level.inline + 1 };
  const name = node.name.value;
  const fragment = level.within.includes(name) ? undefined : fragments.get(name);
  return fragment && { ...level, selections: fragment.selectionSet, within: [...level.within, name] };
}
