import { setTimeout as sleep } from "node:timers/promises";
import {
  Kind,
  parse,
  print,
  visit,
  type DocumentNode,
  type ExecutionResult,
  type SelectionSetNode,
} from "graphql";
import type { Caller, GraphQLEndpoint } from "../../lib/graphql-endpoint.ts";
import { mapStream, mergeStreams, openOnDemand, streamOf } from "../../lib/streams.ts";

/** Whoever says nothing for so long has taken the subscription, or is away. */
const ANSWERS_WITHIN_MS = 5_000;

interface Asked {
  query: string;
  variables?: Readonly<Record<string, unknown>> | undefined;
  caller: Caller;
}

/**
 * What a subgraph refuses of a stream that a broker has: a stream of its errors, or of nothing where it takes the
 * subscription, is away or says nothing within five seconds, which `onTaken` is told.
 */
export function refusalOf(
  endpoint: GraphQLEndpoint,
  { query, ...asked }: Asked,
  onTaken: () => void,
): AsyncIterableIterator<ExecutionResult> {
  const closing = new AbortController();
  const { signal } = closing;
  const bare = print(onlyWhether(parse(query, { noLocation: true })));
  const answers = openOnDemand(async () => {
    const subscription = endpoint.subscribe({ ...asked, query: bare });
    const first = subscription.next().then(
      ({ value, done }) => (done === true ? undefined : value),
      () => undefined,
    );
    const isLate = sleep(ANSWERS_WITHIN_MS, undefined, { signal, ref: false }).catch(() => undefined);
    const answer = await Promise.race([first, isLate]);
    void subscription.return?.();
    if (answer !== undefined && isRefusal(answer)) return streamOf(answer);
    if (!signal.aborted) onTaken();
    return streamOf<ExecutionResult>();
  });
  return mapStream<ExecutionResult, ExecutionResult>(
    answers,
    (answer) => answer,
    () => closing.abort(),
  );
}

/** The events of a stream until it is refused; that is the last of them. */
export function unlessRefused<T>(
  events: AsyncIterator<T>,
  refusal: AsyncIterator<T>,
): AsyncIterableIterator<T> {
  const done = { value: undefined, done: true } as const;
  const both = mergeStreams([
    mapStream(events, (item) => ({ item, isLast: false })),
    mapStream(refusal, (item) => ({ item, isLast: true })),
  ]);
  let isOver = false;
  const stream: AsyncIterableIterator<T> = {
    next: async () => {
      const next = isOver ? done : await both.next();
      if (next.done === true) return done;
      isOver = next.value.isLast;
      return { value: next.value.item, done: false };
    },
    return: async () => {
      isOver = true;
      await both.return?.();
      return done;
    },
    [Symbol.asyncIterator]: () => stream,
  };
  return stream;
}

/** Errors that say that the same may work in a moment refuse nothing: the broker has the events meanwhile. */
const isRefusal = ({ data, errors = [] }: ExecutionResult): boolean =>
  (data === undefined || data === null) &&
  errors.some(({ extensions }) => extensions?.["retryable"] !== true);

/** The subscription without what it selects: that is the message's, which the subgraph need not know in full. */
function onlyWhether({ definitions }: DocumentNode): DocumentNode {
  const operation = definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
  if (!operation) return { kind: Kind.DOCUMENT, definitions };
  const selections = operation.selectionSet.selections.map((field) =>
    field.kind === Kind.FIELD && field.selectionSet ? { ...field, selectionSet: TYPENAME } : field,
  );
  const selectionSet: SelectionSetNode = { kind: Kind.SELECTION_SET, selections };
  const used = new Set<string>();
  visit(selectionSet, { Variable: ({ name }) => void used.add(name.value) });
  const variableDefinitions = (operation.variableDefinitions ?? []).filter(({ variable }) =>
    used.has(variable.name.value),
  );
  return { kind: Kind.DOCUMENT, definitions: [{ ...operation, selectionSet, variableDefinitions }] };
}

const TYPENAME: SelectionSetNode = {
  kind: Kind.SELECTION_SET,
  selections: [{ kind: Kind.FIELD, name: { kind: Kind.NAME, value: "__typename" } }],
};
