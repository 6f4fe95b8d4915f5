import type { GraphQLError } from "graphql";
import type { LiveEvent } from "./live-event.ts";

/** One client's subscription as its trigger sees it. */
export interface Listener {
  /** Its place in its own trace. */
  readonly traceparent: string | undefined;
  /** Events wait for its client, who is slow. */
  readonly isBehind?: boolean;
  /** Ends it when its caller may no longer listen. */
  recheck(): void;
  event(event: LiveEvent): void;
  /** It ends with errors. */
  fail(errors: readonly GraphQLError[]): void;
  /** It ends because its source has ended. */
  complete(): void;
}

/** A listener that said which event it saw last, until we know what it missed. */
export interface Joining {
  lastEventId: string;
  sinceMs: number;
  /** It has seen what we have not yet. */
  isAhead: boolean;
}
