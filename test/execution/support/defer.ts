import {
  Kind,
  parse,
  print,
  visit,
  type DocumentNode,
  type ExecutionResult,
  type SelectionNode,
} from "graphql";
import type { Payload } from "../../../gateway/execution/payload.ts";
import { seeded } from "./random.ts";

/** The same operation with some fields of every selection set below the root deferred, nested ones too. */
export function withRandomDefers(query: string, seed: number): DocumentNode {
  const random = seeded(seed);
  const deferred = (selections: SelectionNode[]): SelectionNode => ({
    kind: Kind.INLINE_FRAGMENT,
    directives: [{ kind: Kind.DIRECTIVE, name: { kind: Kind.NAME, value: "defer" } }],
    selectionSet: { kind: Kind.SELECTION_SET, selections },
  });
  const document = visit(parse(query), {
    SelectionSet: {
      leave: (set, _key, parent) => {
        const isRoot = parent && "kind" in parent && parent.kind === Kind.OPERATION_DEFINITION;
        if (isRoot || random() < 0.4) return undefined;
        const late = set.selections.filter(() => random() < 0.5);
        if (late.length === 0) return undefined;
        const now = set.selections.filter((selection) => !late.includes(selection));
        return { ...set, selections: [...now, deferred(late)] };
      },
    },
  });
  return parse(print(document));
}

/** What a client has when all payloads have come. */
export function merged(payloads: readonly (Payload | ExecutionResult)[]): unknown {
  const [first, ...rest] = payloads as [ExecutionResult, ...Payload[]];
  const data = structuredClone(first.data ?? null) as unknown;
  for (const payload of rest) {
    if (!("incremental" in payload)) continue;
    for (const { path, data: part } of payload.incremental) {
      const target = path.reduce<unknown>((value, key) => Reflect.get(value as object, key), data);
      mergeDeep(target as object, part ?? {});
    }
  }
  return data;
}

function mergeDeep(target: object, source: object): void {
  for (const [key, value] of Object.entries(source)) {
    const held: unknown = Reflect.get(target, key);
    const isNested = typeof held === "object" && held !== null && typeof value === "object" && value !== null;
    if (isNested) mergeDeep(held, value);
    else Reflect.set(target, key, structuredClone(value));
  }
}
