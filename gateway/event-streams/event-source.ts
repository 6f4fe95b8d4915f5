import {
  getArgumentValues,
  Kind,
  parse,
  type ExecutionResult,
  type FieldNode,
  type OperationDefinitionNode,
} from "graphql";
import type { Position } from "../../lib/broker/broker.ts";
import type { Identity } from "../../lib/identity.ts";
import type { EventStream } from "../supergraph/streams/event-streams.ts";
import { topicOf } from "../supergraph/streams/topic-template.ts";
import { createEventMarks, type EventMarks } from "./event-marks.ts";
import { createMessageReader, createProjection } from "./message-reader.ts";
import type { EventStreamMeter } from "./metrics.ts";
import type { Topics } from "./topics.ts";

/** An event of a broker, as if the stream's own graph had sent it. */
export interface SourceEvent {
  event: ExecutionResult;
  position: Position;
}

/** What goes missing between two events is said, where the broker has lost it. */
export type SourceItem = SourceEvent | { lostBefore: Position };

/** What follows a position. */
export interface SourcePage {
  events: readonly SourceEvent[];
  /** Where the page ends; undefined when there was nothing more. */
  end: Position | undefined;
  isLost: boolean;
}

/** Where the events of one subscription come from. */
export interface EventSource extends EventMarks {
  /** Equal for what has the same topic. */
  key: string;
  follow(after: Position | undefined, onOpen: (from: Position) => void): AsyncIterableIterator<SourceItem>;
  /** @throws CodedError retryable while the broker is away */
  read(after: Position): Promise<SourcePage>;
}

export interface EventSources {
  /**
   * @throws CodedError BAD_USER_INPUT for an argument that cannot be a part of a topic
   */
  open(
    stream: EventStream,
    request: { query: string; variables?: Readonly<Record<string, unknown>> | undefined },
    identity: Identity,
  ): EventSource;
}

interface SourcesOptions {
  topics: Topics;
  idKey: Buffer;
  meter: EventStreamMeter;
  /** Longest message. */
  limitBytes: number;
}

const PAGE = 64;

export function createEventSources({ topics, idKey, meter, limitBytes }: SourcesOptions): EventSources {
  return {
    open: (stream, request, identity) => {
      const { field } = stream;
      const args = argumentsIn(stream, request);
      const topic = topicOf(stream.topic, { args, identity });
      const reader = createMessageReader(stream, limitBytes);
      const project = createProjection(stream, request);
      const eventsOf = ({ position, body }: { position: Position; body: string }): SourceEvent[] => {
        const read = reader.read(body);
        if ("value" in read) return [{ event: project(read.value), position }];
        meter.deadLetter({ field, topic, position, problem: read.problem });
        return [];
      };
      return {
        ...createEventMarks(idKey, [field, args, topic]),
        key: `${field} ${topic}`,
        follow: (after, onOpen) => eventsIn(topics.follow(topic, after, onOpen), eventsOf),
        read: async (after) => {
          const { messages, isLost } = await topics.read(topic, after, PAGE);
          return { events: messages.flatMap(eventsOf), end: messages.at(-1)?.position, isLost };
        },
      };
    },
  };
}

function eventsIn(
  items: ReturnType<Topics["follow"]>,
  eventsOf: (message: { position: Position; body: string }) => readonly SourceEvent[],
): AsyncIterableIterator<SourceItem> {
  const events: AsyncIterableIterator<SourceItem> = {
    next: async () => {
      for (;;) {
        const { value, done } = await items.next();
        if (done === true) return { value: undefined, done: true };
        if ("lostBefore" in value) return { value, done: false };
        const [event] = eventsOf(value.message);
        if (event) return { value: event, done: false };
      }
    },
    return: async () => {
      await items.return?.();
      return { value: undefined, done: true };
    },
    [Symbol.asyncIterator]: () => events,
  };
  return events;
}

/** The arguments of the root field, as a subgraph would get them. */
function argumentsIn(
  { schema, field }: EventStream,
  { query, variables }: { query: string; variables?: Readonly<Record<string, unknown>> | undefined },
): Record<string, unknown> {
  const [operation] = parse(query, { noLocation: true }).definitions;
  const node = operation?.kind === Kind.OPERATION_DEFINITION ? rootIn(operation, field) : undefined;
  const definition = schema.getSubscriptionType()?.getFields()[field];
  return definition && node ? getArgumentValues(definition, node, variables) : {};
}

const rootIn = ({ selectionSet }: OperationDefinitionNode, field: string): FieldNode | undefined =>
  selectionSet.selections.find(
    (each): each is FieldNode => each.kind === Kind.FIELD && each.name.value === field,
  );
