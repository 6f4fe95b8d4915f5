import type { Client } from "graphql-ws";
import type { ExecutionResult } from "urql";

interface Sink {
  next(result: ExecutionResult): void;
  error(error: unknown): void;
  complete(): void;
}

interface Operation {
  query?: string | undefined;
  variables?: object | undefined;
}

/**
 * Subscribes so that nothing is missed while the connection is away: the payload is written anew on each
 * connection, and by then names the last event that arrived.
 *
 * @returns ends the subscription
 */
export function resumable(socket: Client, operation: Operation, sink: Sink): () => void {
  const extensions: Record<string, unknown> = {};
  const payload = {
    query: operation.query ?? "",
    variables: { ...operation.variables },
    extensions,
  };
  return socket.subscribe<unknown, Record<string, unknown>>(payload, {
    next: (result) => {
      const eventId = result.extensions?.["eventId"];
      if (eventId !== undefined) extensions["lastEventId"] = eventId;
      sink.next(result as ExecutionResult);
    },
    error: (error) => sink.error(error),
    complete: () => sink.complete(),
  });
}
