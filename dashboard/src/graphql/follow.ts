import type { Client as Socket, SubscribePayload } from "graphql-ws";
import type { ExecutionResult } from "urql";
import { resume } from "../../../client/resume.ts";
import { createPace } from "./pace.ts";

interface Sink {
  next(result: ExecutionResult): void;
  complete(): void;
}

type Refusal = NonNullable<ExecutionResult["errors"]>;

const AGAIN_MS = 2_000;
/** Four times a second is as often as people can read. */
const PACE_MS = 250;

/** Follows a subscription. @returns ends it */
export type Follow = (operation: Pick<SubscribePayload, "query" | "variables">, sink: Sink) => () => void;

/**
 * Follows subscriptions for as long as somebody looks: a refusal ends one with the reason; a stream that ended or a
 * connection that failed for good is tried again. Errors are never handed to urql as such, which would keep the
 * subscription neither alive nor ended.
 *
 * The first value is told at once, later ones at the pace of the page: every subscription of the dashboard delivers
 * the whole state, so that the newest value is all there is to show.
 */
export function createFollow(socket: Socket): Follow {
  const pace = createPace(PACE_MS);
  return (operation, sink) => {
    let stop = () => {};
    let isFirst = true;
    const next = (result: ExecutionResult) => {
      if (isFirst) sink.next(result);
      else pace.hand(sink, () => sink.next(result));
      isFirst = false;
    };
    const begin = () => {
      stop = resume(socket, operation, {
        next: (result) => next(result as ExecutionResult),
        complete: beginLater,
        error: (error) => {
          if (!Array.isArray(error)) return beginLater();
          pace.forget(sink);
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
    return () => {
      pace.forget(sink);
      stop();
    };
  };
}
