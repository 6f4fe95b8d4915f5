import {
  executeSync,
  Kind,
  OperationTypeNode,
  parse,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLFieldResolver,
} from "graphql";
import type { EventStream } from "../supergraph/streams/event-streams.ts";

/** A message of a stream, or why it is none. */
type ReadMessage = { value: unknown } | { problem: string };

/** Reads what a broker has for a field. */
export interface MessageReader {
  /** The message with exactly what the stream says that it holds. */
  read(body: string): ReadMessage;
}

export function createMessageReader({ schema, message }: EventStream, limitBytes: number): MessageReader {
  const document = wholeMessage(message);
  return {
    read: (body) => {
      const bytes = Buffer.byteLength(body);
      if (bytes > limitBytes) return { problem: `has ${bytes} bytes; at most ${limitBytes} are read` };
      const parsed = jsonOf(body);
      if (!parsed) return { problem: "is no JSON" };
      const { data, errors } = executeSync({
        schema,
        document,
        rootValue: { message: parsed.value },
        fieldResolver: present,
        typeResolver: (value) => String((value as { __typename?: unknown }).__typename),
      });
      const [error] = errors ?? [];
      if (!error) return { value: data?.["message"] };
      const at = error.path?.slice(1).join(".") || "the message";
      return { problem: `does not fit at ${at}: ${error.message}` };
    },
  };
}

/** Answers the request of a plan from a message. */
export function createProjection(
  { schema, field }: EventStream,
  request: { query: string; variables?: Readonly<Record<string, unknown>> | undefined },
): (value: unknown) => ExecutionResult {
  const document = parse(request.query, { noLocation: true });
  return (value) =>
    executeSync({
      schema,
      document,
      rootValue: { [field]: value },
      variableValues: request.variables,
      typeResolver: (each) => String((each as { __typename?: unknown }).__typename),
    });
}

/** What a message does not say is no null. */
const present: GraphQLFieldResolver<unknown, unknown> = (...[source, , , { fieldName }]) => {
  const value = (source as Record<string, unknown>)[fieldName];
  if (value === undefined) throw new Error("it is missing");
  return value;
};

const wholeMessage = (message: EventStream["message"]): DocumentNode => ({
  kind: Kind.DOCUMENT,
  definitions: [
    {
      kind: Kind.OPERATION_DEFINITION,
      operation: OperationTypeNode.QUERY,
      selectionSet: {
        kind: Kind.SELECTION_SET,
        selections: [
          { kind: Kind.FIELD, name: { kind: Kind.NAME, value: "message" }, selectionSet: message },
        ],
      },
    },
  ],
});

function jsonOf(body: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(body) as unknown };
  } catch {
    return undefined;
  }
}
