import type { FormattedExecutionResult, GraphQLFormattedError } from "graphql";
import type { Client, SubscribePayload } from "graphql-ws";

/** What a resumed subscription tells. */
export interface ResumedSink<T> {
  next(result: FormattedExecutionResult<T>): void;
  /** The operation was refused (a list of GraphQL errors), or the connection failed for good. */
  error(error: unknown): void;
  complete(): void;
}

/**
 * Subscribes so that nothing is missed while the connection is away: after every cut the client says which event
 * it saw last. A stream that ran until its token ended goes on with the next token.
 *
 * @returns ends the subscription
 */
export function resume<T>(
  client: Client,
  operation: Pick<SubscribePayload, "query" | "variables">,
  sink: ResumedSink<T>,
): () => void {
  // graphql-ws sends this very object after every cut, so what we write into it is what it says then.
  const extensions: Record<string, unknown> = { lastEventId: "" };
  let mayTryAgain = true;
  let stop = () => {};
  const start = () => {
    stop = client.subscribe<T, Record<string, unknown>>(
      { ...operation, extensions },
      {
        next: (result) => {
          mayTryAgain = true;
          extensions["lastEventId"] = result.extensions?.["eventId"] ?? "";
          sink.next(result as FormattedExecutionResult<T>);
        },
        error: (error) => {
          // A token that has ended looks like one that never held; only the latter is refused twice in a row.
          const isWorthATry = mayTryAgain && isUnauthenticated(error);
          mayTryAgain = false;
          if (isWorthATry) start();
          else sink.error(error);
        },
        complete: () => sink.complete(),
      },
    );
  };
  start();
  return () => stop();
}

const isUnauthenticated = (error: unknown): boolean =>
  Array.isArray(error) &&
  (error as GraphQLFormattedError[]).every(({ extensions }) => extensions?.["code"] === "UNAUTHENTICATED");
