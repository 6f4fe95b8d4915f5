import type { GraphQLFormattedError } from "graphql";

/** One event of a trigger, written once for everybody who listens. */
export interface LiveEvent {
  /** What `extensions.eventId` says. */
  readonly id: string;
  /** The result as JSON text, `extensions.eventId` last. */
  readonly text: string;
  /** When it was complete, in monotonic milliseconds. */
  readonly atMs: number;
  /** Bytes that transports made of the text, shared until everybody has been served. */
  readonly bytes: Map<number | string, Buffer>;
}

/** What an event says beside its data, and how it is stamped. */
export interface EventDetails {
  id: string;
  atMs: number;
  errors?: readonly GraphQLFormattedError[] | undefined;
  extensions?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Data that is JSON text already as an event: what it says, then its id, so that marks can be added to the
 * text. Without data there are only errors.
 */
export function toLiveEvent(data: string | undefined, details: EventDetails): LiveEvent {
  const { id, atMs, errors, extensions } = details;
  const parts = [
    ...(data === undefined ? [] : [`"data":${data}`]),
    ...(errors ? [`"errors":${JSON.stringify(errors)}`] : []),
    `"extensions":${JSON.stringify({ ...extensions, eventId: id })}`,
  ];
  return { id, atMs, text: `{${parts.join(",")}}`, bytes: new Map() };
}

/** The same event for those who may have missed others before it. */
export const afterGap = (event: LiveEvent): LiveEvent =>
  event.text.endsWith(GAP) ? event : { ...event, text: `${event.text.slice(0, -2)}${GAP}`, bytes: new Map() };

const GAP = `,"gap":true}}`;
