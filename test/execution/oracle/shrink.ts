import { Kind, parse, print, visit, type ASTNode, type DocumentNode } from "graphql";
import type { GraphModel, SubgraphModel, TypeModel } from "./model.ts";
import type { Request } from "./random-operation.ts";

/** A graph and a request over it. */
export interface Case {
  model: GraphModel;
  request: Request;
}

/** Longer than this nobody waits for a smaller case. */
const LONGEST_MS = 60_000;

/** The smallest case of its kind that still fails, found by leaving out what can be left out, as far as time allows. */
export async function shrink(from: Case, fails: (smaller: Case) => Promise<boolean>): Promise<Case> {
  const endMs = performance.now() + LONGEST_MS;
  let smallest = from;
  let isSmaller = true;
  while (isSmaller) {
    isSmaller = false;
    for (const candidates of [smallerRequests, smallerGraphs]) {
      // What could be left out of the larger case is tried again with the smaller one, from the same place on.
      for (let nth = 0; ;) {
        const next = candidates(smallest)[nth];
        if (!next) break;
        if (performance.now() > endMs) return smallest;
        if (await fails(next)) {
          smallest = next;
          isSmaller = true;
        } else nth += 1;
      }
    }
  }
  return smallest;
}

const isRemovable = ({ kind }: ASTNode): boolean =>
  [
    Kind.FIELD,
    Kind.INLINE_FRAGMENT,
    Kind.FRAGMENT_SPREAD,
    Kind.DIRECTIVE,
    Kind.ARGUMENT,
    Kind.OBJECT_FIELD,
  ].some((each) => each === kind);

/** The request without one of its nodes, or with the content of a fragment in its place, or without an alias. */
function smallerRequests({ model, request }: Case): Case[] {
  const document = parse(request.query, { noLocation: true });
  const changed: DocumentNode[] = [];
  let nodes = 0;
  visit(document, { enter: () => void (nodes += 1) });
  for (let nth = 0; nth < nodes; nth++) {
    changed.push(changedAt(document, nth, (node) => (isRemovable(node) ? null : undefined)));
    changed.push(
      changedAt(document, nth, (node) =>
        node.kind === Kind.FIELD && node.alias ? { ...node, alias: undefined } : undefined,
      ),
    );
    changed.push(unwrappedAt(document, nth));
  }
  const texts = new Set(changed.map((each) => print(pruned(each))));
  texts.delete(print(document));
  return [...texts].flatMap((query) => (query.trim() ? [{ model, request: { ...request, query } }] : []));
}

/** Without variables and fragments that nothing uses. */
function pruned(document: DocumentNode): DocumentNode {
  const used = new Set<string>();
  visit(document, {
    VariableDefinition: () => false,
    Variable: ({ name }) => void used.add(`$${name.value}`),
    FragmentSpread: ({ name }) => void used.add(name.value),
  });
  const next: DocumentNode = visit(document, {
    VariableDefinition: ({ variable }) => (used.has(`$${variable.name.value}`) ? undefined : null),
    FragmentDefinition: ({ name }) => (used.has(name.value) ? undefined : null),
  });
  return next === document ? next : pruned(next);
}

function changedAt(document: DocumentNode, at: number, change: (node: ASTNode) => unknown): DocumentNode {
  let nth = 0;
  return visit(document, { enter: (node) => (nth++ === at ? change(node) : undefined) });
}

/** A selection set with the content of one inline fragment in it. */
function unwrappedAt(document: DocumentNode, at: number): DocumentNode {
  let nth = 0;
  return visit(document, {
    SelectionSet: (set) => ({
      ...set,
      selections: set.selections.flatMap((selection) =>
        selection.kind === Kind.INLINE_FRAGMENT && nth++ === at
          ? selection.selectionSet.selections
          : [selection],
      ),
    }),
  });
}

/** The graph without one subgraph, type, field, key, interface, member, or directive. */
function smallerGraphs({ model, request }: Case): Case[] {
  const without = <T>(all: readonly T[], index: number): T[] => all.filter((_, each) => each !== index);
  const eachWithout = <T>(all: readonly T[] = []): T[][] => all.map((_, index) => without(all, index));
  const types = (type: TypeModel): TypeModel[] => [
    ...eachWithout(type.fields).map((fields) => ({ ...type, fields })),
    ...eachWithout(type.keys).map((keys) => ({ ...type, keys })),
    ...eachWithout(type.implements).map((names) => ({ ...type, implements: names })),
    ...eachWithout(type.members).map((members) => ({ ...type, members })),
    ...type.fields.flatMap((field, index) =>
      (["args", "requires", "provides", "isShareable", "isExternal", "overrides", "isInaccessible"] as const)
        .filter((what) => field[what] !== undefined)
        .map((what) => ({ ...type, fields: type.fields.with(index, omit(field, what)) })),
    ),
  ];
  const subgraphs = (subgraph: SubgraphModel): SubgraphModel[] => [
    ...eachWithout(subgraph.types).map((all) => ({ ...subgraph, types: all })),
    ...subgraph.types.flatMap((type, index) =>
      types(type).map((smaller) => ({
        ...subgraph,
        types:
          smaller.fields.length + (smaller.members?.length ?? 0) > 0
            ? subgraph.types.with(index, smaller)
            : without(subgraph.types, index),
      })),
    ),
  ];
  const models: GraphModel[] = [
    ...eachWithout(model.subgraphs).map((all) => ({ ...model, subgraphs: all })),
    ...model.subgraphs.flatMap((subgraph, index) =>
      subgraphs(subgraph).map((smaller) => ({ ...model, subgraphs: model.subgraphs.with(index, smaller) })),
    ),
  ];
  return models.map((smaller) => ({ model: smaller, request }));
}

function omit<T extends object>(from: T, key: keyof T): T {
  return Object.fromEntries(Object.entries(from).filter(([name]) => name !== key)) as T;
}
