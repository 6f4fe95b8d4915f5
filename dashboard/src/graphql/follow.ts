import type { Client as Socket, SubscribePayload } from "graphql-ws";
import type { ExecutionResult } from "urql";
import { resume } from "../../../client/resume.ts";

interface Sink {
  next(result: ExecutionResult): void;
  complete(): void;
}

type Refusal = NonNullable<ExecutionResult["errors"]>;

const AGAIN_MS = 2_000;

/**
 * Follows a subscription for as long as somebody looks: a refusal ends it with the reason; a stream that ended or a
 * connection that failed for good is tried again. Errors are never handed to urql as such, which would keep the
 * subscription neither alive nor ended.
 *
 * @returns ends it
 */
export function follow(
  socket: Socket,
  operation: Pick<SubscribePayload, "query" | "variables">,
  sink: Sink,
): () => void {
  let stop = () => {};
  const begin = () => {
    stop = resume(socket, operation, {
      next: (result) => sink.next(result as ExecutionResult),
      complete: beginLater,
      error: (error) => {
        if (!Array.isArray(error)) return beginLater();
        sink.next({ data: null, errors: error as Refusal });
        return sink.complete();
      },
    });
  };
  const beginLater = () => {
    const timer = setTimeout(begin, AGAIN_MS);
    stop = () => clearTimeout(timer);
  };
  begin();
  return () => stop();
}
